using System.IO.Pipelines;

namespace Uwsgi.Protocol.Connections;

/// <summary>
/// Answers of requests that came together and that one thread runs, one behind the other, leave together: a system call for all of them. Where one of
/// the requests keeps the thread, the others' answers leave without it: its work, this included, is passed on.
/// </summary>
internal sealed class FastCgiCork(FastCgiConnection connection) : IThreadPoolWorkItem
{
    // What one send takes without waiting.
    private const int MaxHeld = 32 * 1024;

    // Under the connection's gate: who runs them, and whether anything is held back.
    private int _thread;
    private bool _isHolding;

    /// <summary>The calling thread is about to run them, and this behind them.</summary>
    public void Begin()
    {
        lock (connection.Gate)
        {
            _thread = Environment.CurrentManagedThreadId;
        }
    }

    /// <summary>Holds back what a flush would send; called with the gate held.</summary>
    /// <returns>Whether it does.</returns>
    public bool TryHold(PipeWriter output) =>
        _thread == Environment.CurrentManagedThreadId && (_isHolding = output.UnflushedBytes < MaxHeld);

    /// <summary>Sends what was held back.</summary>
    public Task EndAsync()
    {
        lock (connection.Gate)
        {
            _thread = 0;
            if (!_isHolding)
            {
                return Task.CompletedTask;
            }

            _isHolding = false;
            return connection.Flush(CancellationToken.None).AsTask();
        }
    }

    /// <summary>All of them have been run, as far as they ran without waiting.</summary>
    void IThreadPoolWorkItem.Execute() => _ = EndAsync();
}
