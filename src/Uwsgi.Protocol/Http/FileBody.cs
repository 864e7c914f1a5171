using Microsoft.Win32.SafeHandles;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Http;

/// <summary>A part of a file on its way to the front end: a piece at a time, so that nobody else waits for long.</summary>
internal sealed class FileBody : IDisposable
{
    // Two records of FastCGI; uWSGI takes 128 KB at a time.
    private const int MaxPiece = 2 * FastCgiOutput.MaxDirect;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private long _offset;

    private FileBody(SafeFileHandle file, string path, long offset, long length)
    {
        _file = file;
        _path = path;
        _offset = offset;
        Left = length;
    }

    /// <summary>How many bytes have not been taken.</summary>
    public long Left { get; private set; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="count">How long it is; null for up to the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part of it.</exception>
    public static FileBody Open(string path, long offset, long? count)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        try
        {
            // As ASP.NET Core's SendFileFallback refuses it.
            var length = RandomAccess.GetLength(file);
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, length);
            ArgumentOutOfRangeException.ThrowIfNegative(count ?? 0, nameof(count));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count ?? 0, length - offset, nameof(count));
            return new FileBody(file, path, offset, count ?? length - offset);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Takes the next piece.</summary>
    /// <exception cref="EndOfStreamException">The file has become shorter.</exception>
    public DirectContent Take()
    {
        var piece = new DirectContent(_file, _offset, (int)Math.Min(Left, MaxPiece));
        if (RandomAccess.GetLength(_file) < _offset + piece.Length)
        {
            throw new EndOfStreamException($"The file '{_path}' has become shorter while it was sent.");
        }

        _offset += piece.Length;
        Left -= piece.Length;
        return piece;
    }

    public void Dispose() => _file.Dispose();
}
