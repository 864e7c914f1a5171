namespace Uwsgi.Protocol.Ini;

/// <summary>Where something is written.</summary>
internal readonly record struct IniPosition(string File, int Line)
{
    /// <summary>What is wrong here.</summary>
    public FormatException Error(string what) => new($"{this}: {what}");

    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}";
}
