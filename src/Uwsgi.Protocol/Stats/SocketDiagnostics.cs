using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Uwsgi.Protocol.Stats;

/// <summary>Asks Linux for its listening sockets: the one place where a unix socket's queue can be seen.</summary>
/// <remarks>sock_diag(7). All numbers are the machine's, addresses and ports the network's.</remarks>
[SupportedOSPlatform("linux")]
internal static unsafe partial class SocketDiagnostics
{
    private const int FamilyUnix = 1;
    private const int FamilyInet = 2;
    private const int FamilyInet6 = 10;
    private const int FamilyNetlink = 16;

    // SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG, MSG_DONTWAIT
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int NetlinkSockDiag = 4;
    private const int DontWait = 0x40;

    // SOCK_DIAG_BY_FAMILY; NLM_F_REQUEST | NLM_F_DUMP; NLMSG_ERROR, NLMSG_DONE
    private const ushort ByFamily = 20;
    private const ushort RequestDump = 0x301;
    private const ushort Error = 2;
    private const ushort Done = 3;

    // 1 << TCP_LISTEN; UDIAG_SHOW_NAME | UDIAG_SHOW_RQLEN; UNIX_DIAG_NAME, UNIX_DIAG_RQLEN
    private const uint Listening = 1 << 10;
    private const uint ShowNameAndQueue = 0x11;
    private const ushort UnixName = 0;
    private const ushort UnixQueue = 4;

    private const byte ProtocolTcp = 6;
    private const int HeaderSize = 16;
    private const int InetMessageSize = 72;
    private const int UnixMessageSize = 16;
    private const int MaxMessages = 32 * 1024;

    /// <summary>All listening sockets, of every process; empty where the system does not tell.</summary>
    public static List<ListenQueue> Read()
    {
        var queues = new List<ListenQueue>();
        using var socket = new SafeFileHandle(socket_(FamilyNetlink, RawCloseOnExec, NetlinkSockDiag), ownsHandle: true);
        if (!socket.IsInvalid)
        {
            Read(socket, InetRequest(FamilyInet), queues);
            Read(socket, InetRequest(FamilyInet6), queues);
            Read(socket, UnixRequest(), queues);
        }

        return queues;
    }

    //  0    4     6      8    12   16      17        18   19  20      24
    //  len  type  flags  seq  pid  family  protocol  ext  -   states  sockid (48 bytes of zeros)
    private static byte[] InetRequest(byte family)
    {
        var request = Request(HeaderSize + 56, family);
        request[HeaderSize + 1] = ProtocolTcp;
        MemoryMarshal.Write(request.AsSpan(HeaderSize + 4), Listening);
        return request;
    }

    //  0    4     6      8    12   16      17  20      24   28    32
    //  len  type  flags  seq  pid  family  -   states  ino  show  cookie (8 bytes)
    private static byte[] UnixRequest()
    {
        var request = Request(HeaderSize + 24, FamilyUnix);
        MemoryMarshal.Write(request.AsSpan(HeaderSize + 4), Listening);
        MemoryMarshal.Write(request.AsSpan(HeaderSize + 12), ShowNameAndQueue);
        return request;
    }

    private static byte[] Request(int size, byte family)
    {
        var request = new byte[size];
        MemoryMarshal.Write(request, (uint)size);
        MemoryMarshal.Write(request.AsSpan(4), ByFamily);
        MemoryMarshal.Write(request.AsSpan(6), RequestDump);
        request[HeaderSize] = family;
        return request;
    }

    private static void Read(SafeFileHandle socket, byte[] request, List<ListenQueue> queues)
    {
        var buffer = new byte[MaxMessages];
        fixed (byte* sent = request, received = buffer)
        {
            if (send(socket, sent, (nuint)request.Length, 0) != request.Length)
            {
                return;
            }

            while (recv(socket, received, (nuint)buffer.Length, DontWait) is > 0 and var count)
            {
                if (!TakeAll(buffer.AsSpan(0, (int)count), queues))
                {
                    return;
                }
            }
        }
    }

    /// <returns>Whether there are more to come.</returns>
    private static bool TakeAll(ReadOnlySpan<byte> messages, List<ListenQueue> queues)
    {
        while (messages.Length >= HeaderSize)
        {
            var size = (int)MemoryMarshal.Read<uint>(messages);
            var type = MemoryMarshal.Read<ushort>(messages[4..]);
            if (type is Done or Error || size < HeaderSize || size > messages.Length)
            {
                return false;
            }

            Take(messages[HeaderSize..size], queues);
            messages = messages[Math.Min(Aligned(size), messages.Length)..];
        }

        return true;
    }

    private static void Take(ReadOnlySpan<byte> message, List<ListenQueue> queues)
    {
        if (message is [FamilyUnix, ..] && message.Length >= UnixMessageSize)
        {
            TakeUnix(message, queues);
        }
        else if (message is [FamilyInet or FamilyInet6, ..] && message.Length >= InetMessageSize)
        {
            // family, state, timer, retrans; sport, dport, src[16], dst[16], if, cookie[8]; expires, rqueue, wqueue, uid, inode
            var address = new IPAddress(message.Slice(8, message[0] == FamilyInet ? 4 : 16));
            queues.Add(new ListenQueue(
                new IPEndPoint(address, BinaryPrimitives.ReadUInt16BigEndian(message[4..])),
                MemoryMarshal.Read<int>(message[56..]),
                MemoryMarshal.Read<int>(message[60..]),
                MemoryMarshal.Read<uint>(message[68..])));
        }
    }

    private static void TakeUnix(ReadOnlySpan<byte> message, List<ListenQueue> queues)
    {
        // family, type, state, -; ino, cookie[8]
        var inode = MemoryMarshal.Read<uint>(message[4..]);
        var name = Attribute(message[UnixMessageSize..], UnixName);
        var queue = Attribute(message[UnixMessageSize..], UnixQueue);

        // An abstract name begins with NUL; a path ends with one, or not.
        var text = Encoding.UTF8.GetString(name is [0, ..] ? name : name.TrimEnd((byte)0));
        if (text.Length > 0 && queue.Length >= 8)
        {
            queues.Add(new ListenQueue(
                new UnixDomainSocketEndPoint(text), MemoryMarshal.Read<int>(queue), MemoryMarshal.Read<int>(queue[4..]), inode));
        }
    }

    //  0    2     4
    //  len  type  value, and zeros up to the next four bytes
    private static ReadOnlySpan<byte> Attribute(ReadOnlySpan<byte> attributes, ushort type)
    {
        while (attributes.Length >= 4)
        {
            var size = MemoryMarshal.Read<ushort>(attributes);
            if (size < 4 || size > attributes.Length)
            {
                break;
            }

            if (MemoryMarshal.Read<ushort>(attributes[2..]) == type)
            {
                return attributes[4..size];
            }

            attributes = attributes[Math.Min(Aligned(size), attributes.Length)..];
        }

        return default;
    }

    private static int Aligned(int size) => (size + 3) & ~3;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int socket_(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(SafeFileHandle socket, byte* bytes, nuint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(SafeFileHandle socket, byte* bytes, nuint count, int flags);
}
