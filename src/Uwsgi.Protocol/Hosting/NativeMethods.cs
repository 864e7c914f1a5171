using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Uwsgi.Protocol.Hosting;

/// <summary>What .NET has no call for: the owner of a file, the lock of a directory.</summary>
internal static partial class NativeMethods
{
    private const uint Unchanged = uint.MaxValue;

    // LOCK_EX | LOCK_NB
    private const int ExclusiveAtOnce = 2 | 4;

    private static int CloseOnExec => OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    // struct passwd { char *name; char *passwd; uid_t uid; … }, struct group { char *name; char *passwd; gid_t gid; … }
    private static int IdOffset => 2 * nint.Size;

    /// <summary>
    /// Gives a file, or a link itself, to an owner and a group, each a name, a number, or null for "as it is".
    /// </summary>
    public static void ChangeOwner(string path, string? owner, string? group)
    {
        if (lchown(path, FindId(owner, "user", GetUser), FindId(group, "group", GetGroup)) != 0)
        {
            throw new IOException(
                $"Cannot give '{path}' to {owner ?? "its owner"}:{group ?? "its group"}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Opens a directory; the handle is invalid where that fails.</summary>
    public static SafeFileHandle OpenDirectory(string path) => new(open(path, CloseOnExec), ownsHandle: true);

    /// <summary>Locks what was opened, unless somebody else has; the lock ends with the handle.</summary>
    public static bool TryLock(SafeFileHandle handle) => flock(handle, ExclusiveAtOnce) == 0;

    private static uint FindId(string? name, string kind, Func<string, nint> find)
    {
        if (string.IsNullOrEmpty(name))
        {
            return Unchanged;
        }

        if (uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return id;
        }

        var entry = find(name);
        return entry != 0
            ? (uint)Marshal.ReadInt32(entry, IdOffset)
            : throw new IOException($"There is no {kind} '{name}' on this system.");
    }

    private static nint GetUser(string name) => getpwnam(name);

    private static nint GetGroup(string name) => getgrnam(name);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint owner, uint group);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int flock(SafeFileHandle descriptor, int operation);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getpwnam(string name);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getgrnam(string name);
}
