using System.Diagnostics.Metrics;
using Uwsgi.Protocol.Diagnostics;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.Stats;

/// <summary>
/// The stats' figures as metrics, read when a collector asks. Those that .NET and ASP.NET Core have are not among them: memory is
/// <c>dotnet.process.memory.working_set</c>, requests by status and duration <c>http.server.request.duration</c>.
/// </summary>
internal static class StatsMeter
{
    public static void Add(IMeterFactory factory, RequestTable table, Func<SocketFigures[]> readSockets)
    {
        // The factory's: it is disposed of there.
        var meter = factory.Create(GatewayMetrics.MeterName);
        meter.CreateObservableCounter(
            "uwsgi_protocol.requests", () => table.ReadTotal().Requests, "{request}", "Requests that have ended.");
        meter.CreateObservableUpDownCounter(
            "uwsgi_protocol.active_requests", () => table.Running, "{request}", "Requests that run.");
        meter.CreateObservableCounter(
            "uwsgi_protocol.static_requests", () => table.ReadTotal().Static, "{request}", "Requests that a file has answered, and not the app.");
        meter.CreateObservableCounter(
            "uwsgi_protocol.exceptions", () => table.ReadTotal().Exceptions, "{exception}", "Requests in which the app has thrown what it did not catch.");
        meter.CreateObservableCounter(
            "uwsgi_protocol.read_errors", () => table.ReadTotal().ReadErrors, "{request}", "Requests whose body could not be read.");
        meter.CreateObservableCounter(
            "uwsgi_protocol.write_errors", () => table.ReadTotal().WriteErrors, "{request}", "Requests whose response was not taken to its end.");
        meter.CreateObservableCounter(
            "uwsgi_protocol.sent", () => table.ReadTotal().Sent, "By", "The bytes of responses, heads and bodies.");
        meter.CreateObservableCounter(
            "uwsgi_protocol.running_time", () => Seconds(table.ReadTotal().Microseconds), "s", "The time that the app's requests took together.");
        meter.CreateObservableGauge(
            "uwsgi_protocol.average_time", () => Seconds(table.AverageMicroseconds), "s", "How long requests take, as uWSGI reckons its avg_rt.");
        meter.CreateObservableGauge(
            "uwsgi_protocol.listen_queue",
            () => Measure(readSockets(), socket => socket.Queue),
            "{connection}",
            "Connections that wait to be accepted.");
        meter.CreateObservableGauge(
            "uwsgi_protocol.listen_queue.limit",
            () => Measure(readSockets(), socket => socket.MaxQueue),
            "{connection}",
            "How many connections may wait to be accepted.");
    }

    private static double Seconds(long microseconds) => microseconds / 1e6;

    private static IEnumerable<Measurement<int>> Measure(SocketFigures[] sockets, Func<SocketFigures, int> figure) =>
        sockets.Select(socket => new Measurement<int>(
            figure(socket),
            new("server.address", socket.Name),
            new("network.protocol.name", socket.Protocol)));
}
