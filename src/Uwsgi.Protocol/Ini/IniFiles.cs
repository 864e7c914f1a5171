using System.Text;
using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.Ini;

/// <summary>The files that a configuration consists of or asks for, each of them and all of them bounded.</summary>
internal sealed class IniFiles
{
    private const int LargestFile = 1024 * 1024;
    private const int MostFiles = 1000;
    private const long MostCharacters = 16 * 1024 * 1024;
    private int _files;
    private long _characters;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It cannot be read, is too large, or is one too many; the message says who asked.</exception>
    public string Read(string path, IniPosition position)
    {
        ThrowIfScheme(path, position);
        try
        {
            ThrowIfPipe(path);
            using var file = File.OpenRead(path);
            return Read(file, position);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw position.Error($"'{path}' cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads a file that is open. UTF-8, or what its byte order mark says.</summary>
    public string Read(Stream stream, IniPosition position)
    {
        if (++_files > MostFiles)
        {
            throw position.Error($"more than {MostFiles} files are asked for.");
        }

        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (reader.Read(buffer) is > 0 and var length)
        {
            text.Append(buffer, 0, length);
            if (text.Length > LargestFile)
            {
                throw position.Error($"a file of more than {LargestFile} characters.");
            }
        }

        Count(text.Length, position);
        return text.ToString();
    }

    /// <summary>Counts what comes out, which may be more than what is read: a placeholder's value stands in for its name.</summary>
    public void Count(int characters, IniPosition position)
    {
        _characters += characters;
        if (characters > LargestFile || _characters > MostCharacters)
        {
            throw position.Error("what this comes to is too long. Do placeholders multiply each other?");
        }
    }

    /// <summary>A pipe would be waited for, and the start with it, until somebody writes to it: uWSGI does. A terminal is no better.</summary>
    private static void ThrowIfPipe(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var handle = NativeMethods.OpenAtOnce(path);
        if (handle.IsInvalid)
        {
            // Whoever opens it next is told why.
            return;
        }

        using var file = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        if (!file.CanSeek)
        {
            throw new IOException("it is no regular file.");
        }
    }

    /// <summary>uWSGI reads its configuration from programs it runs, addresses it asks and symbols it contains. Here it is a file.</summary>
    public static void ThrowIfScheme(string path, IniPosition position)
    {
        if (path.Contains("://", StringComparison.Ordinal) || path == "-")
        {
            throw position.Error($"'{path}' is refused: a configuration comes from files, and nothing is run or fetched for it.");
        }
    }
}
