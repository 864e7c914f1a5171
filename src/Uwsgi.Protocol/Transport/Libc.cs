using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Uwsgi.Protocol.Transport;

/// <summary>The system calls of the direct transport, with Linux's numbers.</summary>
internal static unsafe partial class Libc
{
    public const int TryAgain = 11;
    public const int Interrupted = 4;
    public const int InvalidArgument = 22;
    public const int NotSupported = 38;
    public const int BrokenPipe = 32;
    public const int Aborted = 103;

    public const uint Readable = 0x001;
    public const uint Writable = 0x004;
    public const uint Error = 0x008;
    public const uint HangUp = 0x010;
    public const uint PeerClosed = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    public const int EpollAdd = 1;
    public const int EpollModify = 3;

    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int More = 0x8000;
    private const int SolSocket = 1;
    private const int SoLinger = 13;
    private const int FamilyUnix = 1;
    private const int FamilyInet = 2;
    private const int FamilyInet6 = 10;
    private const int ShutdownSend = 1;
    private const int ShutdownBoth = 2;

    private static readonly UnixDomainSocketEndPoint AnyUnixName = new("/");

    /// <summary>The number of the last error of this thread.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>Takes the next connection, waiting for it where the listening socket blocks.</summary>
    public static int Accept(SafeHandle listener) => accept4(listener, null, null, NonBlocking | CloseOnExec);

    /// <returns>How many bytes were received; 0 at the end of the stream, less for an error, negated.</returns>
    public static int Receive(int descriptor, Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            fixed (byte* start = buffer)
            {
                count = recv(descriptor, start, (nuint)buffer.Length, DontWait);
            }

            if (count >= 0 || LastError != Interrupted)
            {
                return count >= 0 ? (int)count : -LastError;
            }
        }
    }

    /// <returns>How many bytes were sent; less than 0 for an error, negated.</returns>
    public static int Send(int descriptor, ReadOnlySpan<byte> bytes, bool hasMore)
    {
        while (true)
        {
            nint count;
            fixed (byte* start = bytes)
            {
                count = send(descriptor, start, (nuint)bytes.Length, DontWait | NoSignal | (hasMore ? More : 0));
            }

            if (count >= 0 || LastError != Interrupted)
            {
                return count >= 0 ? (int)count : -LastError;
            }
        }
    }

    /// <summary>Sends what stands in two places in one call.</summary>
    /// <returns>How many bytes were sent; less than 0 for an error, negated.</returns>
    public static int Send(int descriptor, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        fixed (byte* firstStart = first)
        fixed (byte* secondStart = second)
        {
            var parts = stackalloc IoVector[] { new(firstStart, (nuint)first.Length), new(secondStart, (nuint)second.Length) };
            var message = new Message { Parts = parts, PartCount = 2 };
            while (true)
            {
                var count = sendmsg(descriptor, &message, DontWait | NoSignal);
                if (count >= 0 || LastError != Interrupted)
                {
                    return count >= 0 ? (int)count : -LastError;
                }
            }
        }
    }

    /// <summary>Sends a piece of a file, as far as the socket takes it: it does not block, and waits for nothing but the disk.</summary>
    /// <returns>How many bytes were sent, 0 at the end of the file; less than 0 for an error, negated.</returns>
    public static int SendFile(int descriptor, SafeFileHandle file, long offset, int length)
    {
        if (nint.Size < sizeof(long))
        {
            // So is glibc's off_t there.
            return -NotSupported;
        }

        while (true)
        {
            var position = offset;
            var count = sendfile(descriptor, file, &position, (nuint)length);
            if (count >= 0 || LastError != Interrupted)
            {
                return count >= 0 ? (int)count : -LastError;
            }
        }
    }

    /// <summary>How many bytes stand between this end and the other: not acknowledged by TCP, not read by the peer of a unix socket.</summary>
    public static int GetUntaken(int descriptor)
    {
        // SIOCOUTQ
        const nuint OutQueue = 0x5411;
        var count = 0;
        return ioctl(descriptor, OutQueue, &count) == 0 ? count : 0;
    }

    public static EndPoint? GetLocalName(int descriptor) => GetName(descriptor, isRemote: false);

    public static EndPoint? GetRemoteName(int descriptor) => GetName(descriptor, isRemote: true);

    /// <summary>FIN.</summary>
    public static void ShutDownSend(int descriptor) => _ = shutdown(descriptor, ShutdownSend);

    /// <summary>Wakes whoever waits in <see cref="Accept"/>.</summary>
    public static void ShutDown(SafeHandle descriptor) => _ = shutdownHandle(descriptor, ShutdownBoth);

    public static void Close(int descriptor) => _ = close(descriptor);

    /// <summary>What is not sent yet is dropped at the close, and the peer sees RST.</summary>
    public static void ResetAtClose(int descriptor)
    {
        // struct linger { int l_onoff; int l_linger; }
        var linger = stackalloc int[] { 1, 0 };
        _ = setsockopt(descriptor, SolSocket, SoLinger, linger, 2 * sizeof(int));
    }

    /// <exception cref="IOException">There are no descriptors left.</exception>
    public static SafeFileHandle CreateEpoll() => Created(epoll_create1(CloseOnExec));

    /// <returns>0, or an error's number, negated.</returns>
    public static int ControlEpoll(SafeFileHandle epoll, int operation, int descriptor, uint events, ulong data)
    {
        var entry = stackalloc byte[EpollEvent.MaxSize];
        EpollEvent.Write(entry, events, data);
        return epoll_ctl(epoll, operation, descriptor, entry) == 0 ? 0 : -LastError;
    }

    /// <summary>Waits for one event.</summary>
    /// <param name="epoll">Where.</param>
    /// <param name="milliseconds">For how long; -1 for ever.</param>
    /// <param name="events">What has happened.</param>
    /// <param name="data">To whom, as it was said when that was added.</param>
    /// <returns>Whether there is one.</returns>
    public static bool WaitForEpoll(SafeFileHandle epoll, int milliseconds, out uint events, out ulong data)
    {
        var entry = stackalloc byte[EpollEvent.MaxSize];
        var count = epoll_wait(epoll, entry, 1, milliseconds);
        (events, data) = count == 1 ? EpollEvent.Read(entry) : default;
        return count == 1;
    }

    /// <summary>A descriptor that an epoll sees as readable, for good, once <see cref="Raise"/> was called.</summary>
    /// <exception cref="IOException">There are no descriptors left.</exception>
    public static SafeFileHandle CreateEvent() => Created(eventfd(0, NonBlocking | CloseOnExec));

    public static void Raise(SafeFileHandle eventDescriptor)
    {
        ulong one = 1;
        _ = write(eventDescriptor, &one, sizeof(ulong));
    }

    /// <summary>Waits until one of two descriptors is readable, or the time is over. Both are held open by who calls.</summary>
    public static void WaitForEither(SafeHandle first, SafeHandle second, int milliseconds)
    {
        var entries = stackalloc ulong[] { PollEntry((int)first.DangerousGetHandle()), PollEntry((int)second.DangerousGetHandle()) };
        _ = poll(entries, 2, milliseconds);
    }

    /// <summary>Waits until there is something to receive, the end too, or the time is over.</summary>
    public static bool WaitForInput(int descriptor, int microseconds)
    {
        // struct timespec { time_t sec; long nsec; }
        var entry = PollEntry(descriptor);
        var time = stackalloc nint[] { 0, microseconds * 1000 };
        return ppoll(&entry, 1, time, null) == 1;
    }

    /// <summary>Calls on it do not wait; whoever shares it does not wait either.</summary>
    public static void SetNonBlocking(SafeHandle descriptor)
    {
        const int GetFlags = 3;
        const int SetFlags = 4;
        _ = fcntl(descriptor, SetFlags, fcntl(descriptor, GetFlags, 0) | NonBlocking);
    }

    /// <summary>Another descriptor of the same socket.</summary>
    public static int Duplicate(int descriptor)
    {
        const int DuplicateCloseOnExec = 1030;
        return fcntlInt(descriptor, DuplicateCloseOnExec, 0);
    }

    public static int GetThreadId() => gettid();

    /// <summary>Lets others have the processor who want it.</summary>
    public static void Yield() => _ = sched_yield();

    [LibraryImport("libc")]
    private static partial int sched_yield();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(SafeHandle descriptor, void* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int descriptor, Message* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendfile(int descriptor, SafeFileHandle file, long* offset, nuint count);

    // struct pollfd { int fd; short events; short revents; }
    private static ulong PollEntry(int descriptor)
    {
        Span<int> fields = stackalloc int[2];
        fields[0] = descriptor;
        MemoryMarshal.Cast<int, short>(fields)[2] = (short)Readable;
        return MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(fields));
    }

    private static SafeFileHandle Created(int descriptor) => descriptor >= 0
        ? new SafeFileHandle(descriptor, ownsHandle: true)
        : throw new IOException($"The system gives no epoll: error {LastError}.");

    private static EndPoint? GetName(int descriptor, bool isRemote)
    {
        // struct sockaddr_storage
        var name = stackalloc byte[128];
        var length = 128u;
        if ((isRemote ? getpeername(descriptor, name, &length) : getsockname(descriptor, name, &length)) != 0)
        {
            return null;
        }

        var port = BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(name + 2, 2));
        return *(ushort*)name switch
        {
            FamilyInet => new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(name + 4, 4)), port),
            FamilyInet6 => new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(name + 8, 16), *(uint*)(name + 24)), port),
            FamilyUnix => UnixName(new ReadOnlySpan<byte>(name, (int)length)),
            _ => null,
        };
    }

    // A path, an abstract name, or nothing, as of most who connect. It is the peer's, and may be no text.
    private static EndPoint UnixName(ReadOnlySpan<byte> name)
    {
        var address = new SocketAddress(AddressFamily.Unix, name.Length);
        name.CopyTo(address.Buffer.Span);
        return AnyUnixName.Create(address);
    }

    [LibraryImport("libc")]
    private static partial int getsockname(int descriptor, byte* name, uint* length);

    [LibraryImport("libc")]
    private static partial int getpeername(int descriptor, byte* name, uint* length);

    [LibraryImport("libc")]
    private static partial int shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int shutdownHandle(SafeHandle descriptor, int how);

    [LibraryImport("libc")]
    private static partial int ioctl(int descriptor, nuint request, int* value);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    private static partial int setsockopt(int descriptor, int level, int name, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(SafeFileHandle epoll, int operation, int descriptor, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(SafeFileHandle epoll, byte* entries, int count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport("libc")]
    private static partial nint write(SafeFileHandle descriptor, void* buffer, nuint length);

    [LibraryImport("libc")]
    private static partial int ppoll(ulong* entries, nuint count, nint* time, void* signals);

    [LibraryImport("libc")]
    private static partial int poll(ulong* entries, nuint count, int timeout);

    [LibraryImport("libc")]
    private static partial int fcntl(SafeHandle descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int fcntlInt(int descriptor, int command, int argument);

    [LibraryImport("libc")]
    private static partial int gettid();

    // struct iovec { void *iov_base; size_t iov_len; }
    private readonly struct IoVector(byte* start, nuint length)
    {
        private readonly byte* _start = start;
        private readonly nuint _length = length;
    }

    // struct msghdr { void *msg_name; socklen_t msg_namelen; struct iovec *msg_iov; size_t msg_iovlen; … }, the same as musl has it where zeros fill the rest.
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Parts;
        public nuint PartCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    // struct epoll_event { uint32_t events; uint64_t data; }, without padding on x86-64 alone.
    private static class EpollEvent
    {
        public const int MaxSize = 16;

        private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

        public static void Write(byte* entry, uint events, ulong data)
        {
            *(uint*)entry = events;
            Unsafe.WriteUnaligned(entry + DataOffset, data);
        }

        public static (uint Events, ulong Data) Read(byte* entry) =>
            (*(uint*)entry, Unsafe.ReadUnaligned<ulong>(entry + DataOffset));
    }
}
