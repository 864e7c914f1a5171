namespace Uwsgi.Protocol;

/// <summary>The stats server: uWSGI's <c>stats</c> and what belongs to it.</summary>
public sealed class UwsgiStatsOptions
{
    // uWSGI's socket-timeout.
    private TimeSpan _readerTimeout = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Where whoever connects is sent the stats, without asking (uWSGI's <c>stats</c>): <c>127.0.0.1:9191</c>, a unix socket's path, or any other
    /// form of <see cref="UwsgiProtocolOptions.Listen(string, GatewayProtocol?)"/>. Nobody is asked who they are. Text that is no address stops
    /// the start (<see cref="FormatException"/>). Defaults to empty.
    /// </summary>
    public IList<string> Addresses { get; } = [];

    /// <summary>Mode, owner and removal of unix sockets' files (uWSGI's <c>chmod-socket</c>, <c>vacuum</c>).</summary>
    public UnixSocketOptions UnixSocket { get; } = new();

    /// <summary>
    /// Whether a request of HTTP is waited for and answered as such, whatever its path (uWSGI's <c>stats-http</c>). Defaults to <see langword="false"/>.
    /// </summary>
    public bool Http { get; set; }

    /// <summary>Whether line breaks and tabs are left out (uWSGI's <c>stats-minified</c>). Defaults to <see langword="false"/>.</summary>
    public bool Minified { get; set; }

    /// <summary>
    /// Whether the requests that run are shown, each with its variables; <see langword="false"/> is uWSGI's <c>stats-no-cores</c>.
    /// Defaults to <see langword="true"/>.
    /// </summary>
    public bool ShowCores { get; set; } = true;

    /// <summary>
    /// Whether cookies, credentials and the like are shown; without, <c>***</c> stands for the values of variables and of a query's parameters
    /// whose names tell that they are such. Defaults to <see langword="false"/>; uWSGI shows all.
    /// </summary>
    public bool ShowSecrets { get; set; }

    /// <summary>
    /// How long a reader may take for all of it; then it is dropped. Defaults to 4 seconds, uWSGI's <c>socket-timeout</c>, which there is that
    /// for each piece.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not more than zero, or more than a day.</exception>
    public TimeSpan ReaderTimeout
    {
        get => _readerTimeout;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(1));
            _readerTimeout = value;
        }
    }
}
