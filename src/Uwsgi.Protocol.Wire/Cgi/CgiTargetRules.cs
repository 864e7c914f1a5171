namespace Uwsgi.Protocol.Wire;

/// <summary>How variables become a request target.</summary>
public sealed class CgiTargetRules
{
    /// <summary>The rules that need no configuration.</summary>
    public static CgiTargetRules Default { get; } = new();

    /// <summary>Which variable the path comes from. Defaults to <see cref="CgiPathSource.RequestUri"/>.</summary>
    public CgiPathSource PathSource { get; init; }

    /// <summary>What SCRIPT_NAME does. Defaults to <see cref="CgiScriptName.Auto"/>.</summary>
    public CgiScriptName ScriptName { get; init; }

    /// <summary>
    /// A base path to cut off every path that starts with it, such as <c>/app</c>; SCRIPT_NAME is then not looked at.
    /// For front ends that do not say where the app is mounted. Defaults to <see langword="null"/>.
    /// </summary>
    public string? PathBase { get; init; }
}
