namespace Uwsgi.Protocol.Ini;

/// <summary>An option as an app's configuration has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Option">What is known of it; null where nothing is.</param>
/// <param name="Values">Its values; the last one counts where one does.</param>
/// <param name="Place">Where the last one is written: a line of a file, or a key.</param>
internal sealed record UwsgiSetting(string Name, UwsgiOption? Option, IReadOnlyList<string> Values, string Place)
{
    /// <summary>Whether it says nothing: a flag that is off.</summary>
    public bool IsOff => Option is { Kind: UwsgiOptionKind.Flag } && !UwsgiOption.IsTrue(Values[^1]);
}
