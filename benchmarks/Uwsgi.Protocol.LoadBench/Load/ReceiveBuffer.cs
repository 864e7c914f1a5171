using System.Buffers;
using System.Net.Sockets;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>What has been received and not been taken: room for a whole FastCGI record.</summary>
internal sealed class ReceiveBuffer
{
    private readonly byte[] _bytes = new byte[128 * 1024];
    private int _length;

    public ReadOnlySequence<byte> Bytes => new(_bytes, 0, _length);

    /// <returns><see langword="false"/> at the end of the connection.</returns>
    public async ValueTask<bool> FillAsync(Socket socket, CancellationToken cancellationToken)
    {
        var count = await socket.ReceiveAsync(_bytes.AsMemory(_length), cancellationToken);
        _length += count;
        return count != 0;
    }

    public void KeepOnly(in ReadOnlySequence<byte> rest)
    {
        rest.CopyTo(_bytes);
        _length = (int)rest.Length;
    }

    public void Clear() => _length = 0;
}
