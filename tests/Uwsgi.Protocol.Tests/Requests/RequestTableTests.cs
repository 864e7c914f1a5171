using System.Text;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Tests.Requests;

/// <summary>The table by itself: slots, sums, what others see of a request that runs.</summary>
public class RequestTableTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    public void A_request_gets_the_lowest_slot_that_is_free(int count)
    {
        var table = new RequestTable([], _time);
        var requests = Enumerable.Range(0, count).Select(_ => new StubRequest()).ToArray();
        var slots = requests.Select(table.Enter).ToArray();
        Assert.Equal(Enumerable.Range(0, count), slots.Select(slot => slot.Id));
        Assert.Equal(slots, table.Slots);

        var freed = new[] { count - 1, count / 2, 0 }.Distinct().ToArray();
        foreach (var id in freed)
        {
            table.Leave(slots[id], requests[id], Done());
        }

        Assert.Equal(freed.Order(), freed.Select(_ => table.Enter(requests[0]).Id).ToArray());
        Assert.Equal(count, table.Enter(requests[0]).Id);
        Assert.Equal(count + 1, table.Slots.Count);
    }

    [Fact]
    public void A_slot_adds_up_what_its_requests_came_to()
    {
        var table = new RequestTable([], _time);
        Run(table, TimeSpan.FromMilliseconds(3), Done(200, head: 100, body: 11));
        Run(table, TimeSpan.FromMilliseconds(5), Done(500, head: 50) with { HasThrown = true });
        Run(table, TimeSpan.FromMilliseconds(1), Done(499) with { Reason = EndReason.PeerGone, HasWriteError = true });
        Run(table, TimeSpan.FromMilliseconds(1), Done(400) with { HasReadError = true });
        Run(table, TimeSpan.Zero, Done(200) with { Reason = EndReason.AppFailed });

        var view = new SlotView();
        Assert.Single(table.Slots).CopyTo(view);
        Assert.False(view.IsInUse);
        Assert.Equal(5, view.Counters.Requests);
        Assert.Equal(1, view.Counters.Exceptions);
        Assert.Equal(2, view.Counters.Failures);
        Assert.Equal(1, view.Counters.WriteErrors);
        Assert.Equal(1, view.Counters.ReadErrors);
        Assert.Equal(161, view.Counters.Sent);
        Assert.Equal(10_000, view.Counters.Microseconds);
    }

    /// <summary>uWSGI: avg = (avg + last) / 2, in whole microseconds.</summary>
    [Fact]
    public void The_average_is_uWSGIs_and_a_WebSocket_is_not_in_it()
    {
        var table = new RequestTable([], _time);
        Run(table, TimeSpan.FromMicroseconds(1001), Done());
        Assert.Equal(500, table.AverageMicroseconds);
        Run(table, TimeSpan.FromMicroseconds(300), Done());
        Assert.Equal(400, table.AverageMicroseconds);
        Run(table, TimeSpan.FromHours(3), Done() with { Reason = EndReason.Upgraded });
        Assert.Equal(400, table.AverageMicroseconds);
    }

    [Fact]
    public void A_request_that_runs_is_seen_with_its_variables_and_its_age()
    {
        var table = new RequestTable([], _time);
        var began = _time.GetUtcNow();
        var request = new StubRequest(("REQUEST_URI", "/slow"), ("HTTP_X", "\u00e9"));
        var slot = table.Enter(request);
        _time.Advance(TimeSpan.FromSeconds(7));

        var view = new SlotView();
        slot.CopyTo(view);
        Assert.True(view.IsInUse);
        Assert.Equal(GatewayProtocol.Uwsgi, view.Protocol);
        Assert.Equal(began, table.TimeOf(view.Started));
        Assert.Equal(["REQUEST_URI=/slow", "HTTP_X=\u00e9"], Enumerable.Range(0, view.Variables.Count).Select(i =>
            $"{Encoding.UTF8.GetString(view.Variables.GetName(i))}={Encoding.UTF8.GetString(view.Variables.GetValue(i))}"));
        Assert.Equal("/slow"u8, view.Variables[CgiVariable.RequestUri]);

        // A copy: what becomes of the request does not show in it, and the next look shows nothing of the request.
        table.Leave(slot, request, Done());
        request.Load(("REQUEST_URI", "/other"));
        Assert.Equal("/slow"u8, view.Variables[CgiVariable.RequestUri]);
        slot.CopyTo(view);
        Assert.False(view.IsInUse);
        Assert.Null(view.Protocol);
        Assert.Equal(0, view.Variables.Count);
        Assert.True(view.Variables.Block.IsEmpty);
    }

    [Fact]
    public void Listeners_are_told_of_each_end_once()
    {
        EndedRequests first = new(), second = new();
        var table = new RequestTable([first, second], _time);
        var began = _time.GetUtcNow();
        var request = new StubRequest(("REQUEST_URI", "/a"));
        var other = table.Enter(new StubRequest());
        var slot = table.Enter(request);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        table.Leave(slot, request, Done(201, head: 44, body: 11));

        Assert.Equal(first.All, second.All);
        var ended = first.Only;
        Assert.Equal((GatewayProtocol.Uwsgi, "/a", 1, 1, 1L), (ended.Protocol, ended.Uri, ended.VariableCount, ended.Slot, ended.Number));
        Assert.Equal(Done(201, head: 44, body: 11), ended.Outcome);
        Assert.Equal((began, TimeSpan.FromMilliseconds(20)), (ended.Started, ended.Duration));
        Assert.True(ended.HasFeatures);

        table.Leave(other, new StubRequest(), Done());
        Assert.Equal((0, 2L), (first.All.Last().Slot, first.All.Last().Number));
    }

    /// <summary>As uWSGI has them: they are no requests of the app's, and tell nothing of how long those take.</summary>
    [Fact]
    public void Requests_that_files_answer_are_counted_and_are_not_the_apps()
    {
        var listener = new EndedRequests();
        var table = new RequestTable([listener], _time);
        Run(table, TimeSpan.FromMicroseconds(1000), Done());
        Run(table, TimeSpan.FromMicroseconds(5000), Done() with { IsStatic = true, Delivery = FileDelivery.Offload });
        Run(table, TimeSpan.FromMicroseconds(7000), Done() with { IsStatic = true, Delivery = FileDelivery.Sendfile });
        Run(table, TimeSpan.FromMicroseconds(100), Done() with { Delivery = FileDelivery.Offload });
        var total = table.ReadTotal();
        Assert.Equal((4, 2, 2), (total.Requests, total.Static, total.Offloaded));
        Assert.Equal((1100, 300), (total.Microseconds, table.AverageMicroseconds));
        Assert.Equal([(1, 1), (2, 1), (3, 1), (4, 2)], listener.All.Select(ended => (ended.Number, ended.AppNumber)));
    }

    [Fact]
    public void A_request_that_is_ended_in_its_handlers_place_is_told_then_and_not_again()
    {
        var listener = new EndedRequests();
        var table = new RequestTable([listener], _time);
        var killed = new RequestOutcome { Reason = EndReason.Harakiri, StatusCode = 504 };
        var request = new StubRequest(("REQUEST_URI", "/slow"));
        var began = _time.GetUtcNow();
        var slot = table.Enter(request);
        _time.Advance(TimeSpan.FromSeconds(30));
        table.TellEnd(slot, request, features: null, killed);
        table.TellEnd(slot, request, features: null, killed);
        var ended = listener.Only;
        Assert.Equal(("/slow", killed, 0, 1L, false), (ended.Uri, ended.Outcome, ended.Slot, ended.Number, ended.HasFeatures));
        Assert.Equal((began, TimeSpan.FromSeconds(30)), (ended.Started, ended.Duration));

        // It is there as long as its handler is, and counts when that is back.
        Assert.Equal((1, 0), (table.Running, table.ReadTotal().Requests));
        var view = new SlotView();
        slot.CopyTo(view);
        Assert.True(view.IsInUse);
        Run(table, TimeSpan.Zero, Done());
        table.Leave(slot, request, Done() with { HasThrown = true });
        Assert.Equal(2, listener.All.Count);
        Assert.Equal((0, 2, 1), (table.Running, table.ReadTotal().Requests, table.ReadTotal().Exceptions));

        // The next one in the slot is told like any.
        Run(table, TimeSpan.Zero, Done());
        Assert.Equal([1, 2, 3], listener.All.Select(told => told.Number));
        Assert.Equal(0, listener.All.Last().Slot);
    }

    [Fact]
    public void A_refused_head_is_told_and_takes_no_slot()
    {
        var listener = new EndedRequests();
        var table = new RequestTable([listener], _time);
        var refused = new RequestOutcome { Reason = EndReason.Malformed, StatusCode = 431, Error = WireError.PacketTooLarge };
        table.Refuse(GatewayProtocol.Scgi, refused, variables: null);
        table.Refuse(GatewayProtocol.Scgi, refused, new StubRequest(("REQUEST_URI", "/b")).Variables);
        Assert.Equal(2, table.Refused);
        Assert.Empty(table.Slots);
        Assert.Equal(["", "/b"], listener.All.Select(ended => ended.Uri));
        Assert.All(listener.All, ended =>
        {
            Assert.Equal(EndedRequest.NoSlot, ended.Slot);
            Assert.Equal(0, ended.Number);
            Assert.Equal(refused, ended.Outcome);
            Assert.False(ended.HasFeatures);
        });
    }

    /// <summary>Each request's variables name it twice: whoever reads ever sees the two differ has seen two requests at once.</summary>
    [Fact]
    [Trait("Guards", "a request never sees another one's data")]
    public async Task Whoever_reads_while_requests_come_and_go_sees_one_request_at_a_time()
    {
        const int Enough = 500;
        var table = new RequestTable([]);
        using var isEnough = new CancellationTokenSource();
        var running = Enumerable.Range(0, 3).Select(thread => Task.Run(() =>
        {
            var request = new StubRequest();
            var count = 0;
            for (; !isEnough.IsCancellationRequested; count++)
            {
                // As it is used again: loaded anew as soon as it has left.
                var name = $"{thread}-{count}{new string('x', count % 300)}";
                request.Load(("REQUEST_URI", name), ("HTTP_X", name));
                var slot = table.Enter(request);
                table.Leave(slot, request, Done());
                request.Variables.Clear();
            }

            return count;
        })).ToArray();

        var view = new SlotView();
        var differing = 0;
        for (var seen = 0; seen < Enough && !running.Any(task => task.IsCompleted);)
        {
            foreach (var slot in table.Slots)
            {
                slot.CopyTo(view);
                if (view.IsInUse)
                {
                    seen++;
                    differing += view.Variables.Count == 2 && view.Variables.GetValue(0).SequenceEqual(view.Variables.GetValue(1)) ? 0 : 1;
                }
            }
        }

        await isEnough.CancelAsync();
        var counts = await Task.WhenAll(running).Within();
        Assert.Equal(0, differing);
        Assert.InRange(table.Slots.Count, 1, 3);
        Assert.Equal(counts.Sum(), table.ReadTotal().Requests);
    }

    [Fact]
    public void A_request_allocates_nothing_in_the_table()
    {
        var table = new RequestTable([new Nobody()]);
        var request = new StubRequest(("REQUEST_URI", "/"));
        var view = new SlotView();
        void Run()
        {
            var slot = table.Enter(request);
            slot.CopyTo(view);
            table.Leave(slot, request, Done(200, head: 100, body: 10));
        }

        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Run();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static RequestOutcome Done(int status = 200, int head = 0, long body = 0) =>
        new() { Reason = EndReason.Completed, StatusCode = status, HeadSize = head, BodySize = body };

    private void Run(RequestTable table, TimeSpan duration, RequestOutcome outcome)
    {
        var request = new StubRequest();
        var slot = table.Enter(request);
        _time.Advance(duration);
        table.Leave(slot, request, outcome);
    }

    private sealed class Nobody : IRequestListener
    {
        public void OnEnded(in EndedRequest request)
        {
        }
    }
}
