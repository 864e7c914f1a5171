namespace Uwsgi.Protocol;

/// <summary>What becomes of the files of unix sockets.</summary>
public sealed class UnixSocketOptions
{
    // uWSGI's bare chmod-socket is 666: whoever can connect decides REMOTE_USER, so not "everybody".
    private UnixFileMode _mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>
    /// The file's mode (uWSGI's <c>chmod-socket</c>). A front end must be able to read and write it: give it the group.
    /// Defaults to 0660.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There are bits beyond 0777.</exception>
    public UnixFileMode Mode
    {
        get => _mode;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((int)value, 0x1FF, nameof(value));
            ArgumentOutOfRangeException.ThrowIfNegative((int)value, nameof(value));
            _mode = value;
        }
    }

    /// <summary>
    /// The file's owner, a user's name or number (uWSGI's <c>chown-socket</c>). Defaults to <see langword="null"/>: whoever runs the app.
    /// </summary>
    public string? Owner { get; set; }

    /// <summary>
    /// The file's group, a name or number, such as <c>www-data</c>. Defaults to <see langword="null"/>: the app's own.
    /// </summary>
    public string? Group { get; set; }

    /// <summary>Whether the file is removed when the server stops (uWSGI's <c>vacuum</c>). Defaults to <see langword="true"/>.</summary>
    public bool RemoveAtStop { get; set; } = true;
}
