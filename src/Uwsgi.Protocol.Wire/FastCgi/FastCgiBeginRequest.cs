using System.Buffers;

namespace Uwsgi.Protocol.Wire;

/// <summary>The content of a record that starts a request.</summary>
/// <param name="Role">What the application is to be.</param>
/// <param name="KeepConnection">Whether the connection stays open after the request (FCGI_KEEP_CONN).</param>
/// <remarks>FastCGI 1.0, section 5.1: FCGI_BeginRequestBody.</remarks>
public readonly record struct FastCgiBeginRequest(FastCgiRole Role, bool KeepConnection)
{
    //  0  1  2      3 4 5 6 7
    //  role  flags  reserved

    /// <summary>The size of the content in bytes.</summary>
    public const int Size = FastCgiBody.Size;

    private const int RoleShift = 48;
    private const int FlagsShift = 40;
    private const ulong KeepConnectionFlag = 1;

    /// <summary>Reads the content of a record.</summary>
    /// <param name="content">The content, whole.</param>
    /// <returns>What it says. Flags without a meaning are passed over.</returns>
    /// <exception cref="WireFormatException"><see cref="WireError.InvalidBeginRequest"/>.</exception>
    public static FastCgiBeginRequest Parse(in ReadOnlySequence<byte> content)
    {
        var body = FastCgiBody.Read(content, WireError.InvalidBeginRequest);
        return new FastCgiBeginRequest((FastCgiRole)(ushort)(body >> RoleShift), ((body >> FlagsShift) & KeepConnectionFlag) != 0);
    }

    /// <summary>Writes the content.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void WriteTo(Span<byte> destination) => FastCgiBody.Write(
        destination, ((ulong)(ushort)Role << RoleShift) | ((KeepConnection ? KeepConnectionFlag : 0) << FlagsShift));
}
