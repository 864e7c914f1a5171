using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Uwsgi.Protocol.Hosting;

/// <summary>
/// What .NET has no call for: the owner of a file and of the process, the lock of a directory, a pipe without its writer, the number of a descriptor, what becomes of it in children.
/// </summary>
internal static partial class NativeMethods
{
    private const uint Unchanged = uint.MaxValue;

    // Nothing to read. O_RDONLY
    private const string NullDevice = "/dev/null";
    private const int ReadOnly = 0;

    // LOCK_EX | LOCK_NB
    private const int ExclusiveAtOnce = 2 | 4;

    // F_SETFD, FD_CLOEXEC
    private const int SetDescriptorFlags = 2;
    private const int DescriptorCloseOnExec = 1;

    // F_SETFL, O_APPEND
    private const int SetStatusFlags = 4;
    private const int Append = 0x400;

    private static int CloseOnExec => OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    // O_NONBLOCK
    private static int NonBlocking => OperatingSystem.IsMacOS() ? 0x4 : 0x800;

    // struct passwd { char *name; char *passwd; uid_t uid; … }, struct group { char *name; char *passwd; gid_t gid; … }
    private static int IdOffset => 2 * nint.Size;

    /// <summary>
    /// Gives a file, or a link itself, to an owner and a group, each a name, a number, or null for "as it is".
    /// </summary>
    public static void ChangeOwner(string path, string? owner, string? group) =>
        ThrowIfNotGiven(lchown(path, FindId(owner, "user", GetUser), FindId(group, "group", GetGroup)), path, owner, group);

    /// <inheritdoc cref="ChangeOwner(string, string?, string?)"/>
    /// <param name="file">The file, open.</param>
    /// <param name="path">How it is called.</param>
    /// <param name="owner">The owner.</param>
    /// <param name="group">The group.</param>
    public static void ChangeOwner(SafeFileHandle file, string path, string? owner, string? group) =>
        ThrowIfNotGiven(fchown(file, FindId(owner, "user", GetUser), FindId(group, "group", GetGroup)), path, owner, group);

    /// <summary>Opens a directory; the handle is invalid where that fails.</summary>
    public static SafeFileHandle OpenDirectory(string path) => new(open(path, CloseOnExec), ownsHandle: true);

    /// <summary>Opens a file to read, and waits for nobody at the other end of it, should it be a pipe; the handle is invalid where that fails.</summary>
    public static SafeFileHandle OpenAtOnce(string path) => new(open(path, ReadOnly | NonBlocking | CloseOnExec), ownsHandle: true);

    /// <summary>Locks what was opened, unless somebody else has; the lock ends with the handle.</summary>
    public static bool TryLock(SafeFileHandle handle) => flock(handle, ExclusiveAtOnce) == 0;

    /// <summary>Keeps a descriptor from the processes that this one starts: a listener there would outlive the server.</summary>
    public static void KeepFromChildren(ulong descriptor)
    {
        // Elsewhere variable arguments are not passed like others.
        if (OperatingSystem.IsLinux())
        {
            _ = fcntl((int)descriptor, SetDescriptorFlags, DescriptorCloseOnExec);
        }
    }

    /// <summary>Lets every write to a file go to its end, wherever that is by then. Elsewhere than on Linux it goes to where the last one ended.</summary>
    public static void AlwaysAppend(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = fcntl((int)file.DangerousGetHandle(), SetStatusFlags, Append);
        }
    }

    /// <summary>Gives a descriptor another number; what has its old one is empty.</summary>
    /// <exception cref="IOException">There are too many.</exception>
    public static ulong MoveDescriptor(ulong descriptor)
    {
        var moved = dup((int)descriptor);
        using var empty = new SafeFileHandle(open(NullDevice, ReadOnly | CloseOnExec), ownsHandle: true);
        if (moved < 0 || empty.IsInvalid || dup2(empty, (int)descriptor) < 0)
        {
            throw new IOException($"Cannot take descriptor {descriptor}: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        return (ulong)moved;
    }

    /// <summary>Whose this process is; 0 where the system has no such numbers.</summary>
    public static (uint UserId, uint GroupId) UserAndGroup() => OperatingSystem.IsWindows() ? default : (getuid(), getgid());

    private static void ThrowIfNotGiven(int result, string path, string? owner, string? group)
    {
        if (result != 0)
        {
            throw new IOException(
                $"Cannot give '{path}' to {owner ?? "its owner"}:{group ?? "its group"}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

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

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchown(SafeFileHandle file, uint owner, uint group);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup2(SafeFileHandle from, int to);

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc")]
    private static partial int flock(SafeFileHandle descriptor, int operation);

    [LibraryImport("libc")]
    private static partial uint getuid();

    [LibraryImport("libc")]
    private static partial uint getgid();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getpwnam(string name);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getgrnam(string name);
}
