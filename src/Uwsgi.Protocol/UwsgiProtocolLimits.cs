using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Uwsgi.Protocol;

/// <summary>Limits of the endpoints opened for front ends. Where a default is a limit of Kestrel, the app's own setting of it applies.</summary>
public sealed class UwsgiProtocolLimits
{
    private const int LargestRequestVariablesSize = 16 * 1024 * 1024;

    // Ours. uWSGI's buffer-size defaults to 4096, and large cookies then fail; what front ends let through is smaller than this.
    private int _maxRequestVariablesSize = 256 * 1024;

    // Apache sends some 30 variables of its own beside the headers; nginx some 15.
    private int _maxRequestVariableCount = 1000;

    private TimeSpan? _requestHeadTimeout;
    private TimeSpan? _idleTimeout;

    // Kestrel's own, until the app's are known.
    private KestrelServerLimits _kestrel = new();

    // Kestrel's drain of HTTP/1.1 request bodies.
    private TimeSpan _requestBodyDrainTimeout = TimeSpan.FromSeconds(5);

    // nginx's lingering_timeout and lingering_time.
    private TimeSpan _lingerTimeout = TimeSpan.FromSeconds(5);
    private TimeSpan _lingerTime = TimeSpan.FromSeconds(30);

    // Kestrel's Http2.MaxStreamsPerConnection.
    private int _maxFastCgiRequestsPerConnection = 100;

    private long? _maxConcurrentRequests;
    private long? _maxConcurrentConnections;
    private long? _maxRequestBodySize;

    /// <summary>
    /// The most bytes that a request's variables may have (uWSGI's <c>buffer-size</c>); beyond it the answer is 431. A uwsgi packet cannot
    /// hold more than 65,535 by itself.
    /// Defaults to 262,144 (256 KB).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not between 1 and 16,777,216 (16 MB).</exception>
    public int MaxRequestVariablesSize
    {
        get => _maxRequestVariablesSize;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LargestRequestVariablesSize);
            _maxRequestVariablesSize = value;
        }
    }

    /// <summary>
    /// The most variables that a request may have (uWSGI's <c>max-vars</c>); beyond it the answer is 431. Defaults to 1000.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int MaxRequestVariableCount
    {
        get => _maxRequestVariableCount;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _maxRequestVariableCount = value;
        }
    }

    /// <summary>
    /// The most bytes that a request's body may have (uWSGI's <c>limit-post</c>), <see langword="null"/> for no limit; beyond it the app's
    /// read fails with 413. Defaults to Kestrel's <see cref="KestrelServerLimits.MaxRequestBodySize"/>, 30,000,000 bytes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long? MaxRequestBodySize
    {
        get => _maxRequestBodySize;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value.GetValueOrDefault(), nameof(value));
            _maxRequestBodySize = value;
            IsMaxRequestBodySizeSet = true;
        }
    }

    /// <summary>
    /// How slowly a request's body may come while the app waits for it, <see langword="null"/> for as slowly as it likes; below it
    /// the app's read fails with 408. Defaults to Kestrel's <see cref="KestrelServerLimits.MinRequestBodyDataRate"/>, 240 bytes a second after 5 seconds.
    /// </summary>
    public MinDataRate? MinRequestBodyDataRate
    {
        get;
        set
        {
            field = value;
            IsMinRequestBodyDataRateSet = true;
        }
    }

    /// <summary>
    /// How long a request's head may take from its first byte to its last (uWSGI's <c>socket-timeout</c>).
    /// Defaults to Kestrel's <see cref="KestrelServerLimits.RequestHeadersTimeout"/>, 30 seconds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive, and not <see cref="Timeout.InfiniteTimeSpan"/>, which is no limit.</exception>
    public TimeSpan RequestHeadTimeout
    {
        get => _requestHeadTimeout ?? _kestrel.RequestHeadersTimeout;
        set => _requestHeadTimeout = Positive(value);
    }

    /// <summary>
    /// How long a connection may be open without the first byte of a request.
    /// Defaults to Kestrel's <see cref="KestrelServerLimits.KeepAliveTimeout"/>, 130 seconds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive, and not <see cref="Timeout.InfiniteTimeSpan"/>, which is no limit.</exception>
    public TimeSpan IdleTimeout
    {
        get => _idleTimeout ?? _kestrel.KeepAliveTimeout;
        set => _idleTimeout = Positive(value);
    }

    /// <summary>
    /// How long the rest of a body that the app did not read is waited for before the response, where a connection cannot be
    /// half-closed (foreign transports, TLS). Defaults to 5 seconds, as long as Kestrel does.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive, and not <see cref="Timeout.InfiniteTimeSpan"/>, which is no limit.</exception>
    public TimeSpan RequestBodyDrainTimeout
    {
        get => _requestBodyDrainTimeout;
        set => _requestBodyDrainTimeout = Positive(value);
    }

    /// <summary>
    /// How long after the response, with the connection half-closed, the next byte of an unread body is waited for.
    /// Defaults to 5 seconds, nginx's <c>lingering_timeout</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive, and not <see cref="Timeout.InfiniteTimeSpan"/>, which is no limit.</exception>
    public TimeSpan LingerTimeout
    {
        get => _lingerTimeout;
        set => _lingerTimeout = Positive(value);
    }

    /// <summary>
    /// How long after the response an unread body is read and thrown away in all.
    /// Defaults to 30 seconds, nginx's <c>lingering_time</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive, and not <see cref="Timeout.InfiniteTimeSpan"/>, which is no limit.</exception>
    public TimeSpan LingerTime
    {
        get => _lingerTime;
        set => _lingerTime = Positive(value);
    }

    /// <summary>
    /// The most connections at a time, <see langword="null"/> for no limit; beyond it connections are reset. The endpoints of <c>listen.UseUwsgi()</c> are
    /// Kestrel's own and count towards its limit, not towards this one.
    /// Defaults to Kestrel's <see cref="KestrelServerLimits.MaxConcurrentConnections"/>, no limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public long? MaxConcurrentConnections
    {
        get => _maxConcurrentConnections;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value ?? 1, nameof(value));
            _maxConcurrentConnections = value;
            IsMaxConcurrentConnectionsSet = true;
        }
    }

    /// <summary>
    /// The most requests in the app at a time, <see langword="null"/> for no limit; beyond it the answer is 503 at once.
    /// Defaults to <see langword="null"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public long? MaxConcurrentRequests
    {
        get => _maxConcurrentRequests;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value ?? 1, nameof(value));
            _maxConcurrentRequests = value;
        }
    }

    /// <summary>
    /// The most FastCGI requests on one connection at a time, those whose params are not complete included; beyond it the answer is 503.
    /// Told to front ends that ask (FCGI_MAX_REQS). Defaults to 100, Kestrel's <see cref="Http2Limits.MaxStreamsPerConnection"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not between 1 and 65,535, the ids there are.</exception>
    public int MaxFastCgiRequestsPerConnection
    {
        get => _maxFastCgiRequestsPerConnection;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ushort.MaxValue);
            _maxFastCgiRequestsPerConnection = value;
        }
    }

    internal bool IsMaxRequestBodySizeSet { get; private set; }

    internal bool IsMinRequestBodyDataRateSet { get; private set; }

    internal bool IsMaxConcurrentConnectionsSet { get; private set; }

    /// <summary>From here on what is not set is what the app has set for Kestrel.</summary>
    internal void Follow(KestrelServerLimits kestrel) => _kestrel = kestrel;

    private static TimeSpan Positive(TimeSpan value)
    {
        if (value == Timeout.InfiniteTimeSpan)
        {
            // As Kestrel has it.
            return TimeSpan.MaxValue;
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
        return value;
    }
}
