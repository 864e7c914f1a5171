namespace Uwsgi.Protocol.Transport;

/// <summary>
/// Waits for the first bytes of a connection that has just been accepted, on the thread that has it: over a unix socket a front end's request
/// comes microseconds behind its connection, and to be told of it by the poller costs several times as much. Peers that do not send at once
/// are waited for more and more seldom.
/// </summary>
internal sealed class BriefWait
{
    private const int Microseconds = 200;
    private const int MinPause = 4;
    private const int MaxPause = 1024;

    // Several threads count at once, and not exactly.
    private int _pause = MinPause;
    private int _left;

    /// <returns>Whether there is something to receive.</returns>
    public bool Wait(int descriptor)
    {
        if (_left > 0)
        {
            _left--;
            return false;
        }

        if (Libc.WaitForInput(descriptor, Microseconds))
        {
            _pause = MinPause;
            return true;
        }

        _left = _pause;
        _pause = Math.Min(_pause * 4, MaxPause);
        return false;
    }
}
