using System.IO.Pipelines;

namespace Uwsgi.Protocol.Connections;

/// <summary>
/// The responses of a FastCGI connection that have more to send than a turn takes. Each has one and goes to the end of the line. They do not take
/// their turns themselves: the one whose thread comes first would have them all.
/// </summary>
internal sealed class FastCgiTurns(Lock gate, IDirectConnection? connection)
{
    private readonly Queue<FastCgiSender> _line = new();
    private bool _isRunning;

    /// <summary>Whether somebody has more of them to come; called with the gate held.</summary>
    public bool AreAwaited => _isRunning;

    /// <summary>Lines up a response that has just had a turn; called with the gate held.</summary>
    /// <param name="sender">Who.</param>
    /// <param name="turn">Ends when what it had has been sent.</param>
    /// <returns>Ends when its last turn has been sent.</returns>
    public Task<FlushResult> LineUp(FastCgiSender sender, Task<FlushResult> turn)
    {
        if (_isRunning)
        {
            // How this turn ends, the next one finds too.
            _line.Enqueue(sender);
        }
        else
        {
            _isRunning = true;
            _ = RunAsync(sender, turn);
        }

        return sender.Sent;
    }

    private async Task RunAsync(FastCgiSender? sender, Task<FlushResult> turn)
    {
        for (var isLast = false; sender is not null;)
        {
            FlushResult result = default;
            Exception? failure = null;
            try
            {
                result = await turn.ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failure = e;
            }

            if (isLast || result.IsCompleted || failure is not null)
            {
                sender.End(result, failure, connection);
                sender = null;
            }

            lock (gate)
            {
                if (sender is not null)
                {
                    _line.Enqueue(sender);
                }

                _isRunning = _line.TryDequeue(out sender);
                turn = sender?.TakeTurn(out isLast) ?? turn;
            }
        }
    }
}
