namespace Uwsgi.Protocol;

/// <summary>
/// A request's deadline: <c>context.Features.Get&lt;IHarakiriFeature&gt;()</c>, where <c>app.UseHarakiri()</c> stands before. Good for as long as the
/// request.
/// </summary>
public interface IHarakiriFeature
{
    /// <summary>Whether the deadline has passed: <c>RequestAborted</c> has been cancelled, and the request is about to be ended, if it has not been.</summary>
    bool IsTriggered { get; }

    /// <summary>
    /// Gives the request another time, from now on, whatever its endpoint says (uWSGI's <c>set_user_harakiri</c>, which sets a second deadline).
    /// Does nothing once the deadline has passed.
    /// </summary>
    /// <param name="timeout">The time; zero or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    void Restart(TimeSpan timeout);
}
