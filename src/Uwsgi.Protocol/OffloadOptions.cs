namespace Uwsgi.Protocol;

/// <summary>Files that leave behind their requests, and files that the app does not see at all.</summary>
/// <remarks>Relative paths begin at the app's content root.</remarks>
public sealed class OffloadOptions
{
    // uWSGI's is 0: there, nothing is offloaded unless it is asked for. Here, this class is how it is asked for.
    private int _offloadThreads = 1;

    // Apache's Timeout, as Debian sets it. uWSGI has none: a reader that never reads holds its place there for good.
    private TimeSpan _idleTimeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How many threads send files, each of them many at a time (uWSGI's <c>offload-threads</c>); 0 sends them in their requests, as without this
    /// feature. Connections of Kestrel's transport need none of them: theirs are copied by the thread pool, behind the request too. Defaults to 1; uWSGI's
    /// to 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than 1024.</exception>
    public int OffloadThreads
    {
        get => _offloadThreads;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1024);
            _offloadThreads = value;
        }
    }

    /// <summary>
    /// How long a front end may take nothing at all of a file before its connection is aborted; one that takes little, however slowly, is not.
    /// Defaults to 5 minutes, Apache's <c>Timeout</c> in Debian; uWSGI has none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive, and not <see cref="Timeout.InfiniteTimeSpan"/>, which is no limit.</exception>
    public TimeSpan IdleTimeout
    {
        get => _idleTimeout;
        set
        {
            if (value != Timeout.InfiniteTimeSpan)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            }

            _idleTimeout = value == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : value;
        }
    }

    /// <summary>
    /// Paths of requests that are files, as <c>PREFIX=PATH</c>: <c>/static=wwwroot/static</c> of a directory, <c>/favicon.ico=images/icon.ico</c> of a file
    /// (uWSGI's <c>static-map</c>). What is no file there is the app's. Behind <see cref="CheckStatic"/>, in their order. Defaults to none.
    /// </summary>
    public IList<string> StaticMaps { get; } = [];

    /// <summary>Directories in which a request's whole path is looked for before the app is asked (uWSGI's <c>check-static</c>). Defaults to none.</summary>
    public IList<string> CheckStatic { get; } = [];

    /// <summary>
    /// Directories into which links in the others may lead (uWSGI's <c>static-safe</c>). A link that leads elsewhere is no file. Defaults to none.
    /// </summary>
    public IList<string> StaticSafe { get; } = [];

    /// <summary>
    /// Directories whose files the app may name in a header <c>X-Sendfile</c>, by an absolute path, in the place of a body. With none the header is
    /// the front end's. Defaults to none.
    /// </summary>
    public IList<string> XSendfile { get; } = [];

    /// <summary>
    /// Directories whose files nginx sends itself, and by which of its internal locations: <c>/srv/files</c>, <c>/internal/</c>. It is told by
    /// <c>X-Accel-Redirect</c> (uWSGI's <c>file-serve-mode = x-accel-redirect</c>). Requests of HTTP, and of other front ends, which name themselves, are
    /// not affected. Defaults to none.
    /// </summary>
    public IDictionary<string, string> XAccelRedirect { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Directories whose files lighttpd and Apache's mod_xsendfile send themselves, where they are allowed to: they are told by <c>X-Sendfile</c>, and
    /// lighttpd over FastCGI by <c>X-LIGHTTPD-send-file</c> (uWSGI's <c>file-serve-mode = x-sendfile</c>). Other front ends are not affected. Defaults to none.
    /// </summary>
    public IList<string> FrontEndXSendfile { get; } = [];
}
