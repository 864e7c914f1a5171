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

    // Whose requests the thread runs.
    [ThreadStatic]
    private static FastCgiCork? _current;

    // Under the connection's gate: how many ends are still to come, each of which sends what is held back.
    private int _begun;
    private bool _isHolding;

    /// <summary>The calling thread is about to run some of them, and this behind them, there or elsewhere.</summary>
    public void Begin()
    {
        _current = this;
        lock (connection.Gate)
        {
            _begun++;
        }
    }

    /// <summary>Holds back what a flush would send; called with the gate held.</summary>
    /// <returns>Whether it does.</returns>
    public bool TryHold(PipeWriter output) =>
        _begun > 0 && _current == this && (_isHolding = output is { CanGetUnflushedBytes: true, UnflushedBytes: < MaxHeld });

    /// <summary>Sends what was held back, and holds back no more.</summary>
    public Task EndAllAsync()
    {
        lock (connection.Gate)
        {
            _begun = 0;
            return SendAsync();
        }
    }

    /// <summary>Some of them have been run, as far as they ran without waiting.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        lock (connection.Gate)
        {
            if (_begun > 0 && --_begun == 0 && _current == this)
            {
                _current = null;
            }

            _ = SendAsync();
        }
    }

    private Task SendAsync()
    {
        if (!_isHolding)
        {
            return Task.CompletedTask;
        }

        _isHolding = false;
        return connection.FlushNow().AsTask();
    }
}
