using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Uwsgi.Protocol.Transport;

/// <summary>Where threads wait for the connections of one listening socket.</summary>
internal sealed class AcceptStation : Station
{
    // Where connections cannot be accepted, for want of descriptors as a rule, in milliseconds.
    private const int Pause = 100;

    private readonly Socket _socket;
    private readonly SafeFileHandle _stop = Libc.CreateEvent();
    private readonly bool _isShared;
    private readonly Action<Worker, int> _onAccepted;
    private readonly Action<int> _onFailed;
    private readonly BriefSpin _spin = new();
    private volatile bool _hasFailed;

    /// <param name="socket">Listens already, and is the station's from here on.</param>
    /// <param name="isShared">Whether other processes have the socket too: then it is not shut down at the end.</param>
    /// <param name="onAccepted">Does the work: the descriptor is its from then on.</param>
    /// <param name="onFailed">Hears of the system's error when connections can no longer be accepted.</param>
    public AcceptStation(Socket socket, bool isShared, Action<Worker, int> onAccepted, Action<int> onFailed)
    {
        _socket = socket;
        _isShared = isShared;
        _onAccepted = onAccepted;
        _onFailed = onFailed;
        if (isShared)
        {
            Libc.SetNonBlocking(_socket.SafeHandle);
        }
    }

    public override bool Serve(Worker worker)
    {
        if (!TryBeginWait(worker))
        {
            return false;
        }

        _ = _spin.Look(_socket.SafeHandle, static socket => Libc.WaitForInput((int)socket.DangerousGetHandle(), microseconds: 0) ? true : (bool?)null);
        var descriptor = Libc.Accept(_socket.SafeHandle);
        if (descriptor < 0)
        {
            OnNotAccepted(Libc.LastError);
        }

        EndWait(worker);
        if (descriptor >= 0)
        {
            _hasFailed = false;
            _onAccepted(worker, descriptor);
        }

        return !IsStopped;
    }

    protected override void Wake()
    {
        Libc.Raise(_stop);
        if (!_isShared)
        {
            Libc.ShutDown(_socket.SafeHandle);
        }
    }

    protected override void Release()
    {
        _socket.Dispose();
        _stop.Dispose();
    }

    // Still a wait: a thread that is at work here would be replaced by others, who fare no better.
    private void OnNotAccepted(int error)
    {
        if (error == Libc.TryAgain)
        {
            Libc.WaitForEither(_socket.SafeHandle, _stop, milliseconds: -1);
        }
        else if (error is not (Libc.Interrupted or Libc.Aborted) && !IsStopped)
        {
            if (!_hasFailed)
            {
                _hasFailed = true;
                _onFailed(error);
            }

            Libc.WaitForEither(_stop, _stop, Pause);
        }
    }
}
