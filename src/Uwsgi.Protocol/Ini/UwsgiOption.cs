namespace Uwsgi.Protocol.Ini;

/// <summary>One of uWSGI's options.</summary>
/// <param name="Name">Its name, or how the names of a family begin, with an asterisk.</param>
/// <param name="Kind">How it is read.</param>
/// <param name="Role">What becomes of it.</param>
/// <param name="Note">What it does here, or why it does not.</param>
internal sealed record UwsgiOption(string Name, UwsgiOptionKind Kind, UwsgiOptionRole Role, string Note)
{
    /// <summary>Its other names.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>All its names, the first one first.</summary>
    public IEnumerable<string> Names => Aliases.Prepend(Name);

    /// <summary>Whether it stands for all names that begin alike.</summary>
    public bool IsFamily => Name.EndsWith('*');

    /// <summary>What uWSGI takes for yes: all but four words.</summary>
    public static bool IsTrue(string value) => value.ToLowerInvariant() is not ("false" or "off" or "no" or "0");

    /// <summary>The one name for all that it may be written as.</summary>
    public string NameOf(string written) => IsFamily ? written.Replace('_', '-').ToLowerInvariant() : Name;
}
