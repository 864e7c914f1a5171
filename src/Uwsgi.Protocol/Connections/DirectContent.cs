using Microsoft.Win32.SafeHandles;

namespace Uwsgi.Protocol.Connections;

/// <summary>What is sent from where it is, without a copy: memory of the caller's, or a piece of a file.</summary>
internal readonly record struct DirectContent
{
    // From here on a copy costs more than a system call.
    public const int MinSize = 16 * 1024;

    public DirectContent(ReadOnlyMemory<byte> memory) => (Memory, Length) = (memory, memory.Length);

    public DirectContent(SafeFileHandle file, long offset, int length) => (File, Offset, Length) = (file, offset, length);

    /// <summary>The file; null of memory.</summary>
    public SafeFileHandle? File { get; }

    /// <summary>Where in the file it begins.</summary>
    public long Offset { get; }

    /// <summary>The memory; empty of a file.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    public int Length { get; }

    public bool IsEmpty => Length == 0;

    public DirectContent Slice(int start, int length) => File is null ? new(Memory.Slice(start, length)) : new(File, Offset + start, length);

    public DirectContent Slice(int start) => Slice(start, Length - start);

    /// <exception cref="EndOfStreamException">The file has become shorter.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public byte[] ToArray()
    {
        if (File is null)
        {
            return Memory.ToArray();
        }

        var bytes = new byte[Length];
        for (var count = 0; count < bytes.Length;)
        {
            var read = RandomAccess.Read(File, bytes.AsSpan(count), Offset + count);
            count += read > 0 ? read : throw new EndOfStreamException("The file has become shorter while it was sent.");
        }

        return bytes;
    }
}
