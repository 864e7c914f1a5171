using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.RequestLog;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.RequestLog;

public sealed class LineQueueTests : IDisposable
{
    private const int Size = 16 * 1024;

    private readonly LogCapture _logs = new();
    private readonly Meter _meter = new("lines");
    private readonly MeterCapture _meters;
    private readonly ManualTimeProvider _time = new();

    public LineQueueTests() => _meters = new MeterCapture(meter => meter == _meter);

    [Fact]
    public async Task A_line_is_written_soon()
    {
        var sink = new Sink();
        using var queue = New(sink);
        queue.Add("one"u8);
        await Eventually.TrueAsync(() => sink.Text == "one\n");
        queue.Add("two"u8);
        await Eventually.TrueAsync(() => sink.Text == "one\ntwo\n");
    }

    [Fact]
    public void What_waits_at_the_end_is_written()
    {
        var sink = new Sink();
        using (var queue = New(sink))
        {
            queue.Add("one"u8);
            queue.Add(""u8);
            queue.Add("three"u8);
        }

        Assert.Equal("one\n\nthree\n", sink.Text);
        Assert.True(sink.IsDisposed);
        Assert.Empty(_logs.Entries);
    }

    [Fact]
    public async Task Every_line_of_many_threads_comes_once_and_whole()
    {
        var sink = new Sink();
        using (var queue = New(sink, maxSize: 1024 * 1024))
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    queue.Add(Encoding.ASCII.GetBytes($"{thread} {i}"));
                }
            }))).Within();
        }

        var lines = sink.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ').Select(int.Parse).ToArray()).ToList();
        Assert.Equal(16_000, lines.Count);
        Assert.All(lines.GroupBy(line => line[0]), thread => Assert.Equal(Enumerable.Range(0, 2000), thread.Select(line => line[1])));
    }

    [Fact]
    public async Task A_sink_that_stands_still_holds_nobody_up_and_what_is_lost_is_told()
    {
        var sink = new Sink();
        sink.Stop();
        const int Added = 2000;
        using (var queue = New(sink))
        {
            queue.Add("first"u8);
            await sink.Reached.Within();
            for (var i = 0; i < Added; i++)
            {
                queue.Add(Encoding.ASCII.GetBytes($"line {i:D4} and fifteen"));
            }

            sink.GoOn();
        }

        var written = sink.Text.Count(character => character == '\n') - 1;
        Assert.Equal(Size / "line 0000 and fifteen\n".Length, written);
        Assert.StartsWith("first\nline 0000 and fifteen\nline 0001", sink.Text, StringComparison.Ordinal);
        Assert.Equal(Added - written, _meters.Sum("lost"));
        Assert.StartsWith($"{Added - written} requests in all were not logged", Assert.Single(_logs.Of("LinesDropped")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_can_never_fit_is_told_too()
    {
        var sink = new Sink();
        using (var queue = New(sink))
        {
            queue.Add(new byte[Size - 1]);
            queue.Add(new byte[Size]);
        }

        Assert.InRange(sink.Text.Length, 0, Size);
        Assert.Equal(1, _meters.Sum("lost"));
        Assert.Single(_logs.Of("LinesDropped"));
    }

    [Fact]
    public async Task A_sink_that_fails_is_told_of_once_in_a_while_and_tried_again()
    {
        var sink = new Sink { Failure = new IOException("No space left on device") };
        using var queue = New(sink);
        queue.Add("one"u8);
        await Eventually.TrueAsync(() => _logs.Of("LinesNotWritten").Any());
        Assert.Equal(1, _meters.Sum("lost"));
        Assert.Same(sink.Failure, Assert.Single(_logs.Of("LinesNotWritten")).Exception);
        queue.Add("two"u8);
        await Eventually.TrueAsync(() => _meters.Sum("lost") == 2);
        Assert.Single(_logs.Of("LinesNotWritten"));

        _time.Advance(TimeSpan.FromSeconds(10));
        queue.Add("three"u8);
        await Eventually.TrueAsync(() => _logs.Of("LinesNotWritten").Count() == 2);
        Assert.StartsWith("3 requests in all", _logs.Of("LinesNotWritten").Last().Message, StringComparison.Ordinal);

        sink.Failure = null;
        queue.Add("four"u8);
        await Eventually.TrueAsync(() => sink.Text == "four\n");
    }

    [Fact]
    public void A_line_that_is_added_costs_no_memory()
    {
        using var queue = New(new Sink());
        queue.Add("warm"u8);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            queue.Add("a line of a request, some 100 bytes or so"u8);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public void Dispose()
    {
        _meters.Dispose();
        _meter.Dispose();
    }

    private LineQueue New(Sink sink, int maxSize = Size) =>
        new(sink, maxSize, new LostLines(_meter.CreateCounter<long>("lost"), _time, new RequestLogLog(_logs.CreateFactory())));

    private sealed class Sink : ILineSink
    {
        private readonly MemoryStream _lines = new();
        private readonly ManualResetEventSlim _mayGoOn = new(true);
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Exception? Failure { get; set; }

        public bool IsDisposed { get; private set; }

        public Task Reached => _reached.Task;

        public string Text
        {
            get
            {
                lock (_lines)
                {
                    return Encoding.ASCII.GetString(_lines.ToArray());
                }
            }
        }

        public void Stop() => _mayGoOn.Reset();

        public void GoOn() => _mayGoOn.Set();

        public void Write(ReadOnlySpan<byte> lines)
        {
            _reached.TrySetResult();
            _mayGoOn.Wait();
            if (Failure is { } failure)
            {
                throw failure;
            }

            lock (_lines)
            {
                _lines.Write(lines);
            }
        }

        public void Dispose() => IsDisposed = true;
    }
}
