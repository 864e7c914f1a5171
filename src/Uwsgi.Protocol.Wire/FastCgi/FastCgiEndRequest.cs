using System.Buffers;

namespace Uwsgi.Protocol.Wire;

/// <summary>The content of a record that ends a request.</summary>
/// <param name="AppStatus">What a CGI program would have returned from <c>exit</c>; 0 where all is well.</param>
/// <param name="ProtocolStatus">How the request ended.</param>
/// <remarks>FastCGI 1.0, section 5.5: FCGI_EndRequestBody.</remarks>
public readonly record struct FastCgiEndRequest(uint AppStatus, FastCgiProtocolStatus ProtocolStatus)
{
    //  0  1  2  3  4               5 6 7
    //  appStatus   protocolStatus  reserved

    /// <summary>The size of the content in bytes.</summary>
    public const int Size = FastCgiBody.Size;

    private const int AppStatusShift = 32;
    private const int ProtocolStatusShift = 24;

    /// <summary>Reads the content of a record.</summary>
    /// <param name="content">The content, whole.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="WireFormatException"><see cref="WireError.InvalidEndRequest"/>.</exception>
    public static FastCgiEndRequest Parse(in ReadOnlySequence<byte> content)
    {
        var body = FastCgiBody.Read(content, WireError.InvalidEndRequest);
        return new FastCgiEndRequest((uint)(body >> AppStatusShift), (FastCgiProtocolStatus)(byte)(body >> ProtocolStatusShift));
    }

    /// <summary>Writes the content.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void WriteTo(Span<byte> destination) => FastCgiBody.Write(
        destination, ((ulong)AppStatus << AppStatusShift) | ((ulong)ProtocolStatus << ProtocolStatusShift));
}
