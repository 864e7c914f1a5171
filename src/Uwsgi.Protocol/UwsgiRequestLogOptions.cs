using Uwsgi.Protocol.RequestLog;

namespace Uwsgi.Protocol;

/// <summary>The request log: which requests, what of them, and where to.</summary>
public sealed class UwsgiRequestLogOptions
{
    // A line has some 200 bytes: 5,000 requests in the tenth of a second that the writer waits for more.
    private const int SmallestQueueSize = 16 * 1024;

    private int _queueSize = 1024 * 1024;

    /// <summary>
    /// The line, with <c>%(name)</c> for uWSGI's variables (uWSGI's <c>log-format</c>). Names that are not known are the app's:
    /// <c>context.SetUwsgiLogVariable(name, value)</c>. Defaults to <see langword="null"/>: uWSGI's own line.
    /// </summary>
    /// <exception cref="FormatException">It asks for a metric of uWSGI's, <c>%(metric.X)</c>.</exception>
    public string? Format
    {
        get;
        set
        {
            _ = value is null ? null : LogFormat.Parse(value);
            field = value;
        }
    }

    /// <summary>
    /// The file that lines are appended to (uWSGI's <c>logto</c>, <c>req-logger = file:</c>), made with mode 0640 where there is none. It is opened
    /// anew every second, so logrotate needs to tell nobody. One that cannot be opened stops the start. Defaults to <see langword="null"/>: lines are
    /// logged by <c>ILogger</c>, category <c>Uwsgi.Protocol.RequestLog</c>, level Information.
    /// </summary>
    public string? File { get; set; }

    /// <summary>
    /// The mode of <see cref="File"/> (uWSGI's <c>logfile-chmod</c>), also of one that is there already; on Windows there is none. Defaults to
    /// <see langword="null"/>: as it is, and 0640 where it is made.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There are bits beyond 0777.</exception>
    public UnixFileMode? FileMode
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(value ?? 0), 0x1FFu, nameof(value));
            field = value;
        }
    }

    /// <summary>
    /// The owner of <see cref="File"/>, a user's name or number (uWSGI's <c>logfile-chown</c>, which takes it from <c>uid</c>). To give a file away takes a
    /// process that may. Defaults to <see langword="null"/>: as it is.
    /// </summary>
    public string? FileOwner { get; set; }

    /// <summary>The group of <see cref="File"/>, a name or number (uWSGI's <c>logfile-chown</c> with <c>gid</c>). Defaults to <see langword="null"/>: as it is.</summary>
    public string? FileGroup { get; set; }

    /// <summary>
    /// The size of <see cref="File"/>, in bytes, beyond which it is moved away and begun anew (uWSGI's <c>log-maxsize</c>). It is looked at behind every
    /// write, which may be of many lines. Defaults to <see langword="null"/>: none, logrotate sees to it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public long? MaxFileSize
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value ?? 1, nameof(value));
            field = value;
        }
    }

    /// <summary>
    /// What <see cref="File"/> is called when it is moved away, in the place of the one before it, on the same file system (uWSGI's
    /// <c>log-backupname</c>). Defaults to <see langword="null"/>: its name, a dot and the time in seconds since 1970, so that all are kept.
    /// </summary>
    public string? BackupFile { get; set; }

    /// <summary>
    /// How <c>%(ftime)</c> is written, as C's <c>strftime</c> has it, such as <c>%Y-%m-%d %H:%M:%S</c> (uWSGI's <c>log-date</c> with
    /// <c>log-format-strftime</c>). Defaults to <see langword="null"/>: as <c>%(ltime)</c>.
    /// </summary>
    /// <exception cref="FormatException">It has a conversion that is not known.</exception>
    public string? TimeFormat
    {
        get;
        set
        {
            _ = value is null ? null : new TimeFormat(value);
            field = value;
        }
    }

    /// <summary>
    /// Whether uWSGI's own line tells the time a request took in microseconds (uWSGI's <c>log-micros</c>) and not in milliseconds.
    /// Defaults to <see langword="false"/>.
    /// </summary>
    public bool UseMicroseconds { get; set; }

    /// <summary>
    /// Whether the client's address is the last one of <c>X-Forwarded-For</c>, where there is one, and not REMOTE_ADDR (uWSGI's
    /// <c>log-x-forwarded-for</c>). Any client can send that header, so this is for those whose front end sets it. Defaults to <see langword="false"/>.
    /// </summary>
    public bool UseForwardedFor { get; set; }

    /// <summary>
    /// Whether every request is logged. Without (uWSGI's <c>disable-logging</c>), those are that one of the settings below names.
    /// Defaults to <see langword="true"/>.
    /// </summary>
    public bool LogAll { get; set; } = true;

    /// <summary>Whether responses without a body are logged all the same (uWSGI's <c>log-zero</c>). Defaults to <see langword="false"/>.</summary>
    public bool LogEmpty { get; set; }

    /// <summary>Whether responses with a status from 400 to 499 are (uWSGI's <c>log-4xx</c>). Defaults to <see langword="false"/>.</summary>
    public bool Log4xx { get; set; }

    /// <summary>Whether responses with a status from 500 to 599 are (uWSGI's <c>log-5xx</c>). Defaults to <see langword="false"/>.</summary>
    public bool Log5xx { get; set; }

    /// <summary>
    /// Whether requests are whose body could not be read or whose response could not be written (uWSGI's <c>log-ioerror</c>, which wants both).
    /// Defaults to <see langword="false"/>.
    /// </summary>
    public bool LogErrors { get; set; }

    /// <summary>The time from which on requests are logged (uWSGI's <c>log-slow</c>, in milliseconds there). Defaults to <see langword="null"/>: none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan? LogSlowerThan
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value ?? TimeSpan.Zero, TimeSpan.Zero, nameof(value));
            field = value;
        }
    }

    /// <summary>The size of a response's body, in bytes, from which on requests are logged (uWSGI's <c>log-big</c>). Defaults to <see langword="null"/>: none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long? LogLargerThan
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value ?? 0, nameof(value));
            field = value;
        }
    }

    /// <summary>
    /// The most bytes of lines that may wait to be written. What does not fit is dropped, counted by <c>uwsgi_protocol.request_log.lost_lines</c>, and
    /// told in the log: a request waits for no disk. Defaults to 1,048,576 (1 MB), some 5,000 requests.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 16,384.</exception>
    public int QueueSize
    {
        get => _queueSize;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, SmallestQueueSize);
            _queueSize = value;
        }
    }
}
