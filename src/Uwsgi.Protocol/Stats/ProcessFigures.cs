using System.Diagnostics;
using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.Stats;

/// <summary>What the system says of this process.</summary>
internal sealed record ProcessFigures(long Resident, long Virtual, uint UserId, uint GroupId, string WorkingDirectory)
{
    private static readonly DateTimeOffset ProcessStarted = ReadStart();

    /// <summary>When it started.</summary>
    public static DateTimeOffset Started => ProcessStarted;

    public static ProcessFigures Read()
    {
        using var process = Process.GetCurrentProcess();
        var (userId, groupId) = NativeMethods.UserAndGroup();
        return new(process.WorkingSet64, process.VirtualMemorySize64, userId, groupId, ReadWorkingDirectory());
    }

    private static DateTimeOffset ReadStart()
    {
        using var process = Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime);
    }

    private static string ReadWorkingDirectory()
    {
        try
        {
            return Environment.CurrentDirectory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has been removed.
            return "";
        }
    }
}
