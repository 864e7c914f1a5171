namespace Uwsgi.Protocol;

/// <summary>
/// How long a request of an endpoint may take: a controller's, an action's, a page's or a hub's. Works where <c>app.UseHarakiri()</c> does. Where
/// several apply, the one closest to the endpoint counts.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class HarakiriAttribute : Attribute
{
    /// <summary>Sets the time in seconds.</summary>
    /// <param name="seconds">From the request's head to the last byte of its response; 0 for ever.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or more than can be counted.</exception>
    public HarakiriAttribute(double seconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seconds, TimeSpan.MaxValue.TotalSeconds / 2);
        Timeout = TimeSpan.FromSeconds(seconds);
    }

    /// <summary>Sets the time.</summary>
    /// <param name="timeout">From the request's head to the last byte of its response; zero or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    internal HarakiriAttribute(TimeSpan timeout) => Timeout = HarakiriOptions.Checked(timeout, nameof(timeout));

    /// <summary>How long a request may take; zero or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for ever.</summary>
    public TimeSpan Timeout { get; }
}
