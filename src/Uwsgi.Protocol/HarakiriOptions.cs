namespace Uwsgi.Protocol;

/// <summary>When a request has taken too long, and what then becomes of it (uWSGI's <c>harakiri</c>).</summary>
public sealed class HarakiriOptions
{
    // Ours: uWSGI has no harakiri unless it is asked for. php-fpm's and nginx's timeouts are about this long.
    private TimeSpan _timeout = TimeSpan.FromSeconds(30);

    // Ours: time enough to stop for an app that looks at RequestAborted. uWSGI kills at once, unless harakiri-graceful-timeout is set.
    private TimeSpan _grace = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a request may take, from its head to the last byte of its response (uWSGI's <c>harakiri</c>, which counts whole seconds). Endpoints
    /// may say otherwise: <see cref="HarakiriAttribute"/>. Zero or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: for ever, unless an
    /// endpoint says otherwise. Defaults to 30 seconds; uWSGI has none unless it is asked for.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public TimeSpan Timeout { get => _timeout; set => _timeout = Checked(value, nameof(value)); }

    /// <summary>
    /// The time between the deadline, when <c>RequestAborted</c> is cancelled, and the end of the request whether or not the app has stopped
    /// (uWSGI's <c>harakiri-graceful-timeout</c>). Zero: none. Defaults to 1 second.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public TimeSpan Grace
    {
        get => _grace;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            _grace = value;
        }
    }

    /// <summary>
    /// Whether the log shows the request's variables, without its secrets, and what the system knows of the thread that a blocked handler holds
    /// (uWSGI's <c>harakiri-verbose</c>). Defaults to <see langword="false"/>.
    /// </summary>
    public bool Verbose { get; set; }

    /// <summary>Whether WebSockets and other upgraded requests have a deadline too. Defaults to <see langword="false"/>.</summary>
    public bool IncludeUpgraded { get; set; }

    /// <summary>
    /// Told of each request that was ended though its handler still ran: the process may need to be replaced. It runs on the thread pool, and
    /// may be called several times at once. Defaults to <see langword="null"/>.
    /// </summary>
    public Action<StuckRequest>? OnStuck { get; set; }

    /// <exception cref="ArgumentOutOfRangeException">The time is negative, and not infinite.</exception>
    internal static TimeSpan Checked(TimeSpan timeout, string name)
    {
        if (timeout != System.Threading.Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero, name);
        }

        return timeout;
    }
}
