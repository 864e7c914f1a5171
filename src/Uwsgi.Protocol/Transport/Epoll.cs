using Microsoft.Win32.SafeHandles;

namespace Uwsgi.Protocol.Transport;

/// <summary>An epoll, edge-triggered, and the connections that it watches.</summary>
internal sealed class Epoll : IDisposable
{
    // Of no connection: that of the waker.
    private const uint OwnSerial = 0;

    private readonly Lock _gate = new();
    private readonly SafeFileHandle _epoll = Libc.CreateEpoll();
    private readonly SafeFileHandle _waker = Libc.CreateEvent();
    private SocketConnection?[] _connections = new SocketConnection?[1024];
    private uint _serial;

    /// <param name="wakesForGood">Whether <see cref="Wake"/> lets everybody return, from then on; else one, once.</param>
    public Epoll(bool wakesForGood) => _ = Libc.ControlEpoll(
        _epoll, Libc.EpollAdd, (int)_waker.DangerousGetHandle(), Libc.Readable | (wakesForGood ? 0 : Libc.EdgeTriggered), OwnSerial);

    /// <summary>Tells a connection of events from now on, and of those that are there already; called with the connection's gate held.</summary>
    /// <returns>What tells it from others that had its descriptor before.</returns>
    public uint Add(SocketConnection connection, int descriptor, uint interest)
    {
        uint serial;
        lock (_gate)
        {
            if (descriptor >= _connections.Length)
            {
                Array.Resize(ref _connections, Math.Max(descriptor + 1, _connections.Length * 2));
            }

            Volatile.Write(ref _connections[descriptor], connection);
            serial = ++_serial == OwnSerial ? ++_serial : _serial;
        }

        try
        {
            Control(Libc.EpollAdd, descriptor, interest, serial);
        }
        catch
        {
            Remove(descriptor);
            throw;
        }

        return serial;
    }

    public void Modify(int descriptor, uint interest, uint serial) => Control(Libc.EpollModify, descriptor, interest, serial);

    /// <summary>Called before the descriptor is closed, which takes it off the epoll.</summary>
    public void Remove(int descriptor)
    {
        lock (_gate)
        {
            _connections[descriptor] = null;
        }
    }

    /// <summary>Waits for one event.</summary>
    /// <param name="serial">Tells the connection from others that had its descriptor.</param>
    /// <param name="events">What has happened.</param>
    /// <param name="spin">Says how long to stay awake; null for not at all.</param>
    /// <returns>Whom it is of; null where it is of nobody any more, or of <see cref="Wake"/>.</returns>
    public SocketConnection? Wait(out uint serial, out uint events, BriefSpin? spin = null)
    {
        var told = spin?.Look(_epoll, static epoll => Wait(epoll, milliseconds: 0)) ?? Wait(_epoll, milliseconds: -1);
        (events, var data) = told ?? default;
        serial = (uint)(data >> 32);
        return told is not null && data != OwnSerial ? Volatile.Read(ref _connections)[(int)(uint)data] : null;
    }

    public void Wake() => Libc.Raise(_waker);

    /// <summary>Nobody waits any more.</summary>
    public void Dispose()
    {
        _epoll.Dispose();
        _waker.Dispose();
    }

    private static (uint Events, ulong Data)? Wait(SafeFileHandle epoll, int milliseconds) =>
        Libc.WaitForEpoll(epoll, milliseconds, out var events, out var data) ? (events, data) : null;

    private void Control(int operation, int descriptor, uint interest, uint serial)
    {
        try
        {
            var result = Libc.ControlEpoll(_epoll, operation, descriptor, interest | Libc.EdgeTriggered, (uint)descriptor | ((ulong)serial << 32));
            if (result < 0)
            {
                throw new IOException($"The system does not watch the connection: error {-result}.");
            }
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("Nobody watches connections any more: the server has stopped.", e);
        }
    }
}
