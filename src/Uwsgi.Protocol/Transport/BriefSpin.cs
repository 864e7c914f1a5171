namespace Uwsgi.Protocol.Transport;

/// <summary>
/// Says whether a thread looks a few times more before it falls asleep, and lets others have the processor in between: under load the next piece
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

    /// <summary>How often to look.</summary>
    public int Begin()
    {
        if (_left == 0)
        {
            return Looks;
        }

        _left--;
        return 0;
    }

    /// <summary>It has looked, and found something or nothing.</summary>
    public void End(bool hasFound) => _left = _pause = hasFound ? 0 : Math.Min((_pause * 2) + 1, MaxPause);
}
