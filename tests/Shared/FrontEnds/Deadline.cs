namespace Uwsgi.Protocol.Testing;

/// <summary>Waits for a condition by asking for it again and again; fails, and says what it waited for, when time is up.</summary>
public static class Deadline
{
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(20);

    public static async Task UntilAsync(string what, Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        using var time = new CancellationTokenSource(limit ?? Default);
        while (!await condition())
        {
            if (time.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited in vain: {what}");
            }

            await Task.Delay(10, CancellationToken.None);
        }
    }
}
