namespace Uwsgi.Protocol.Transport;

/// <summary>
/// Looks a few times more before a thread falls asleep, and lets others have the processor in between: under load the next piece
/// of work comes within microseconds, and to fall asleep and to be woken costs more than many a request does. Where nothing comes, that is more and
/// more seldom worth it.
/// </summary>
internal sealed class BriefSpin
{
    private const int Looks = 10;
    private const int MaxPause = 64;

    // Several threads count at once, and not exactly.
    private int _pause;
    private int _left;

    /// <summary>Looks, as long as that is worth it.</summary>
    /// <param name="at">What to look at.</param>
    /// <param name="look">Gives what is there; null for nothing.</param>
    /// <returns>What was found; null where nothing was, and where it did not look.</returns>
    public TFound? Look<T, TFound>(T at, Func<T, TFound?> look)
        where TFound : struct
    {
        if (_left > 0)
        {
            _left--;
            return null;
        }

        for (var i = 0; i < Looks; i++)
        {
            if (look(at) is { } found)
            {
                _pause = 0;
                return found;
            }

            Libc.Yield();
        }

        _left = _pause = Math.Min((_pause * 2) + 1, MaxPause);
        return null;
    }
}
