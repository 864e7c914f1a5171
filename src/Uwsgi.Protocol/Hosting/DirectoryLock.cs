namespace Uwsgi.Protocol.Hosting;

/// <summary>One at a time in a directory, over all processes that ask: flock(2), which ends with its process and leaves no file.</summary>
internal static class DirectoryLock
{
    // Whoever may read the directory may hold it locked, so it is waited for, but nothing hangs on it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Takes a directory where nobody else has it.</summary>
    /// <param name="directory">Its path.</param>
    /// <param name="taken">To be given back; null where there is no such lock to be had.</param>
    /// <returns>Whether nobody else has it, as far as can be known.</returns>
    public static bool TryTake(string directory, out IDisposable? taken)
    {
        taken = null;
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return true;
        }

        var handle = NativeMethods.OpenDirectory(directory);
        if (!handle.IsInvalid && NativeMethods.TryLock(handle))
        {
            taken = handle;
            return true;
        }

        var isOthers = !handle.IsInvalid;
        handle.Dispose();
        return !isOthers;
    }

    /// <summary>Waits for a directory; null where there is no lock to be had.</summary>
    public static async Task<IDisposable?> TakeAsync(string directory)
    {
        for (var waited = TimeSpan.Zero; waited < Patience; waited += Pause)
        {
            if (TryTake(directory, out var taken))
            {
                return taken;
            }

            await Task.Delay(Pause, CancellationToken.None).ConfigureAwait(false);
        }

        return null;
    }
}
