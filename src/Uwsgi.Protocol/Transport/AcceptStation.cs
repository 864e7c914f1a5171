using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Uwsgi.Protocol.Transport;

/// <summary>Where threads wait for the connections of one listening socket.</summary>
internal sealed class AcceptStation : Station, IDisposable
{
    // As long as no more descriptors are to be had.
    private const int PauseWithoutDescriptors = 100;

    private readonly Socket _socket;
    private readonly SafeFileHandle _stop = Libc.CreateEvent();
    private readonly bool _isShared;
    private readonly Action<Worker, int> _onAccepted;
    private readonly Action<int> _onFailed;
    private volatile bool _isStopped;

    /// <param name="socket">Listens already, and is the station's from here on.</param>
    /// <param name="isShared">Whether other processes have the socket too: then it is not shut down at the end.</param>
    /// <param name="onAccepted">Does the work: the descriptor is its from then on.</param>
    /// <param name="onFailed">Hears of the system's error when connections cannot be accepted.</param>
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
        worker.BeginWait();
        var descriptor = Libc.Accept(_socket.SafeHandle);
        var error = descriptor < 0 ? Libc.LastError : 0;
        if (error == Libc.TryAgain)
        {
            Libc.WaitForEither(_socket.SafeHandle, _stop, milliseconds: -1);
        }

        worker.EndWait();
        if (descriptor >= 0)
        {
            _onAccepted(worker, descriptor);
        }
        else if (!_isStopped && IsShortage(error))
        {
            _onFailed(error);
            Libc.WaitForEither(_stop, _stop, PauseWithoutDescriptors);
        }

        return !_isStopped;
    }

    public override void Stop()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        Libc.Raise(_stop);
        if (!_isShared)
        {
            Libc.ShutDown(_socket.SafeHandle);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _stop.Dispose();
    }

    private static bool IsShortage(int error) =>
        error is Libc.TooManyFiles or Libc.TooManyFilesInSystem or Libc.OutOfBuffers or Libc.OutOfMemory;
}
