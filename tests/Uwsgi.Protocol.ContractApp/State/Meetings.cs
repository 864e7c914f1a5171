namespace Uwsgi.Protocol.ContractApp.State;

/// <summary>Where requests wait for each other: each goes on when all are there.</summary>
internal sealed class Meetings
{
    private readonly Dictionary<string, (int Present, TaskCompletionSource All)> _meetings = new(StringComparer.Ordinal);

    public Task ArriveAsync(string name, int expected, CancellationToken cancellationToken)
    {
        lock (_meetings)
        {
            var (present, all) = _meetings.GetValueOrDefault(name, (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
            _meetings[name] = (++present, all);
            if (present > expected)
            {
                throw new InvalidOperationException($"More than {expected} have come to {name}.");
            }

            if (present == expected)
            {
                all.SetResult();
            }

            return all.Task.WaitAsync(cancellationToken);
        }
    }
}
