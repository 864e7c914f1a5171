using System.Text;

namespace Uwsgi.Protocol.Wire;

/// <summary>Where an app is mounted: how much of the path is the base path.</summary>
internal readonly ref struct CgiMount
{
    private CgiMount(int length, string pathBase, string? path = null)
    {
        Length = length;
        PathBase = pathBase;
        Path = path;
    }

    /// <summary>How many bytes of the decoded path the mount takes.</summary>
    public int Length { get; }

    public string PathBase { get; }

    /// <summary>The path below the mount where it does not come from the decoded path.</summary>
    public string? Path { get; }

    public static CgiMount Find(CgiVariables variables, CgiTargetRules rules, ReadOnlySpan<byte> path)
    {
        if (rules.PathBase is { Length: > 0 } pathBase)
        {
            return FindFixed(pathBase, path);
        }

        var script = variables[CgiVariable.ScriptName];
        if (rules.ScriptName == CgiScriptName.Ignore || script.IsEmpty || script[0] != '/')
        {
            return new CgiMount(0, "");
        }

        var info = variables[CgiVariable.PathInfo];
        if (script[^1] == '/' && (rules.ScriptName == CgiScriptName.Trust || (!info.IsEmpty && info[0] == '/')))
        {
            // Apache's "/foo/" + "/": the slash is in both.
            script = script[..^1];
        }

        return rules.ScriptName == CgiScriptName.Trust
            ? Trust(variables, script, path)
            : FindProvable(variables, script, path);
    }

    private static CgiMount Trust(CgiVariables variables, ReadOnlySpan<byte> script, ReadOnlySpan<byte> path)
    {
        // These bytes are not those of the path, which was looked at: they are held to the same.
        if (script.Contains((byte)0) || WithoutDots(script).Length != script.Length)
        {
            WireFormatException.Throw(WireError.InvalidRequestTarget);
        }

        var length = MatchPrefix(path, script);
        var pathBase = Encoding.UTF8.GetString(script);
        if (length >= 0)
        {
            return new CgiMount(length, pathBase);
        }

        var info = variables[CgiVariable.PathInfo];
        if (info.Contains((byte)0) || (!info.IsEmpty && info[0] != '/'))
        {
            WireFormatException.Throw(WireError.InvalidRequestTarget);
        }

        return new CgiMount(0, pathBase, variables.Contains(CgiVariable.PathInfo) ? Encoding.UTF8.GetString(WithoutDots(info)) : null);
    }

    // The front end has decoded it.
    private static ReadOnlySpan<byte> WithoutDots(ReadOnlySpan<byte> path)
    {
        if (path.IndexOf("/."u8) < 0)
        {
            return path;
        }

        var copy = path.ToArray();
        return copy.AsSpan(0, CgiPath.Normalize(copy, percentDecode: false));
    }

    /// <summary>
    /// SCRIPT_NAME is the whole path from some front ends, a script's name from others, garbage from a third kind:
    /// it counts only where path and PATH_INFO bear it out.
    /// </summary>
    private static CgiMount FindProvable(CgiVariables variables, ReadOnlySpan<byte> script, ReadOnlySpan<byte> path)
    {
        // lighttpd with the prefix "/" makes the first segment SCRIPT_NAME: nothing tells that from a mount.
        if (script.IsEmpty || variables[CgiVariable.ServerSoftware].StartsWith("lighttpd"u8))
        {
            return new CgiMount(0, "");
        }

        var length = MatchPrefix(path, script);
        if (length <= 0 || length == path.Length)
        {
            return new CgiMount(0, "");
        }

        var agrees = !variables.Contains(CgiVariable.PathInfo)
            || SamePath(path[length..], variables[CgiVariable.PathInfo])
            || SamePath(path, variables[CgiVariable.PathInfo]);
        return agrees ? new CgiMount(length, Encoding.UTF8.GetString(script)) : new CgiMount(0, "");
    }

    private static CgiMount FindFixed(string pathBase, ReadOnlySpan<byte> path)
    {
        pathBase = pathBase.TrimEnd('/');
        var bytes = Encoding.UTF8.GetBytes(pathBase);
        var isPrefix = path.Length >= bytes.Length
            && (path.Length == bytes.Length || path[bytes.Length] == '/')
            && Encoding.UTF8.GetString(path[..bytes.Length]).Equals(pathBase, StringComparison.OrdinalIgnoreCase);
        return isPrefix ? new CgiMount(bytes.Length, Encoding.UTF8.GetString(path[..bytes.Length])) : new CgiMount(0, "");
    }

    /// <summary>The length of the front part of the path that is the script's name, whole segments; -1 for none.</summary>
    private static int MatchPrefix(ReadOnlySpan<byte> path, ReadOnlySpan<byte> script)
    {
        var position = 0;
        foreach (var expected in script)
        {
            if (!TryTake(path, ref position, out var actual) || actual != expected)
            {
                return -1;
            }
        }

        return position == path.Length || path[position] == '/' ? position : -1;
    }

    /// <summary>Whether PATH_INFO, decoded by the front end and perhaps with slashes merged, is the same path.</summary>
    private static bool SamePath(ReadOnlySpan<byte> path, ReadOnlySpan<byte> info)
    {
        int i = 0, j = 0;
        while (true)
        {
            var more = TryTakeMerged(path, ref i, out var a);
            if (more != TryTakeMerged(info, ref j, out var b) || a != b)
            {
                return false;
            }

            if (!more)
            {
                return true;
            }
        }
    }

    private static bool TryTakeMerged(ReadOnlySpan<byte> path, ref int position, out byte value)
    {
        if (!TryTake(path, ref position, out value))
        {
            return false;
        }

        var next = position;
        while (value == '/' && TryTake(path, ref next, out var following) && following == '/')
        {
            position = next;
        }

        return true;
    }

    private static bool TryTake(ReadOnlySpan<byte> path, ref int position, out byte value)
    {
        if (position >= path.Length)
        {
            value = 0;
            return false;
        }

        value = path[position];
        if (value == '%' && path[position..] is [_, (byte)'2', (byte)'F' or (byte)'f', ..])
        {
            value = (byte)'/';
            position += 3;
        }
        else
        {
            position++;
        }

        return true;
    }
}
