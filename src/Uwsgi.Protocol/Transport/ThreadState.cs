using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Uwsgi.Protocol.Transport;

/// <summary>What the system says a thread is doing.</summary>
internal static class ThreadState
{
    /// <returns>R of one that runs or could; S, D and others of one that waits, and of one nothing is known of.</returns>
    public static char Of(int threadId)
    {
        Span<byte> stat = stackalloc byte[64];
        try
        {
            using SafeFileHandle file = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{threadId}/stat"));
            stat = stat[..RandomAccess.Read(file, stat, 0)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return '?';
        }

        // 17 (a name, in parentheses) S 1 ...
        var behindName = stat.LastIndexOf(") "u8) + 2;
        return behindName >= 2 && behindName < stat.Length ? (char)stat[behindName] : '?';
    }
}
