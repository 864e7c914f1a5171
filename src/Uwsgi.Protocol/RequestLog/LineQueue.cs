namespace Uwsgi.Protocol.RequestLog;

/// <summary>
/// Lines on their way to one writer. Who adds one copies it and goes on; where the writer is behind, the line is dropped and counted. The
/// writer waits a moment behind the first line: one write for many lines, and no thread is woken for each.
/// </summary>
internal sealed class LineQueue : IDisposable
{
    public const byte End = (byte)'\n';

    private const int UsualSize = 64 * 1024;

    // So much is worth a write by itself: some 600 lines, which stay in a processor's cache meanwhile.
    private const int Plenty = 128 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly ILineSink _sink;
    private readonly LostLines _lost;
    private readonly int _maxSize;
    private readonly int _plenty;
    private readonly Thread _writer;
    private byte[] _filling;
    private byte[] _writing;
    private int _length;
    private long _dropped;
    private bool _isResting;
    private volatile bool _isStopping;

    /// <param name="sink">Where lines go; the queue disposes of it.</param>
    /// <param name="maxSize">The most bytes that may wait.</param>
    /// <param name="lost">Is told of those that were dropped, or could not be written.</param>
    public LineQueue(ILineSink sink, int maxSize, LostLines lost)
    {
        _sink = sink;
        _maxSize = maxSize;
        _plenty = Math.Min(Plenty, maxSize / 2);
        _lost = lost;
        _filling = new byte[Math.Min(UsualSize, maxSize)];
        _writing = new byte[_filling.Length];
        _writer = new Thread(Run) { IsBackground = true, Name = "Request log" };
        _writer.Start();
    }

    /// <summary>Adds a line without its end.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        bool isNews;
        lock (_gate)
        {
            var length = _length + line.Length + 1;
            if (_isStopping)
            {
                return;
            }

            if (length > _maxSize)
            {
                _dropped++;
                return;
            }

            if (length > _filling.Length)
            {
                Array.Resize(ref _filling, Math.Min(_maxSize, Math.Max(_filling.Length * 2, length)));
            }

            line.CopyTo(_filling.AsSpan(_length));
            _filling[length - 1] = End;
            isNews = _isResting || (_length < _plenty && length >= _plenty);
            _isResting = false;
            _length = length;
        }

        if (isNews)
        {
            _wake.Set();
        }
    }

    /// <summary>Writes what there is, and no more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
        }

        // It is not disposed of: who has just added a line may still be about to set it.
        _wake.Set();
        _writer.Join();
        _sink.Dispose();
        _lost.TellRest();
    }

    private void Run()
    {
        while (TryTake(out var length, out var dropped))
        {
            _lost.Add(dropped);
            Write(_writing.AsSpan(0, length));
        }
    }

    private bool TryTake(out int length, out long dropped)
    {
        WaitForLines();
        lock (_gate)
        {
            (length, dropped) = (_length, _dropped);
            (_length, _dropped) = (0, 0);
            (_filling, _writing) = (_writing, _filling);
            return length > 0 || dropped > 0;
        }
    }

    private void WaitForLines()
    {
        while (true)
        {
            if (!_isStopping)
            {
                // While lines come nobody wakes it for the first of them, only for plenty.
                _wake.WaitOne(Patience);
            }

            lock (_gate)
            {
                if (_length > 0 || _dropped > 0 || _isStopping)
                {
                    return;
                }

                _isResting = true;
            }

            _wake.WaitOne();
        }
    }

    private void Write(ReadOnlySpan<byte> lines)
    {
        try
        {
            _sink.Write(lines);
        }
        catch (Exception e)
        {
            // Whatever it is, a logger's own failure among it: the requests go on, and so does the writer.
            _lost.Add(lines.Count(End), e);
        }
    }
}
