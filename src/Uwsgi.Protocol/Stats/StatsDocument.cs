using System.Buffers;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.Stats;

/// <summary>uWSGI's stats of this process: its keys, in its order, and its types. Numbers are whole, nothing is null.</summary>
/// <remarks>A process is one worker here, and each of its slots a core: they are as many as there have been requests at a time.</remarks>
internal sealed class StatsDocument
{
    // So that what a reader is sent, and what is kept for it, has a bound: further cores are counted, and not shown.
    private const int MaxCores = 1024;

    // Further requests are shown without their variables.
    private const int MaxVariablesSize = 1024 * 1024;

    private static readonly string Version = ReadVersion();

    private readonly RequestTable _table;
    private readonly IServiceProvider _services;
    private readonly HarakiriMonitor _harakiri;
    private readonly OffloadState _offload;
    private readonly IHostApplicationLifetime? _lifetime;
    private readonly UwsgiStatsOptions _options;
    private readonly JsonWriterOptions _json;
    private long _startupSeconds;

    public StatsDocument(RequestTable table, IServiceProvider services, IOptions<UwsgiStatsOptions> options)
    {
        table.Want();
        StatsMeter.Add(services.GetRequiredService<IMeterFactory>(), table, ReadSockets);
        _table = table;
        _services = services;
        _harakiri = services.GetRequiredService<HarakiriMonitor>();
        _offload = services.GetRequiredService<OffloadState>();
        _options = options.Value;

        // All that is no control character is left as it is: people read this, and no browser takes it for HTML.
        _json = new JsonWriterOptions
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Indented = !_options.Minified,
            IndentCharacter = '\t',
            IndentSize = 1,
            NewLine = "\n",
        };
        _lifetime = services.GetService<IHostApplicationLifetime>();
        _lifetime?.ApplicationStarted.Register(() =>
            Volatile.Write(ref _startupSeconds, (long)(table.UtcNow - ProcessFigures.Started).TotalSeconds));
    }

    /// <summary>Writes the stats as they are now.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var counters = ReadCounters();
        var process = ProcessFigures.Read();
        using var json = new Utf8JsonWriter(output, _json);
        json.WriteStartObject();
        json.WriteString("version"u8, Version);
        WriteSockets(json, process);
        json.WriteStartArray("workers"u8);
        WriteWorker(json, process, counters);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    // The server is asked for when it is needed, and not before: it may be it that asks for this.
    private SocketFigures[] ReadSockets() => _services.GetService<IServer>() is { } server ? SocketFigures.Read(server) : [];

    // Read first, and used for the sums too: they are those of what is shown.
    private RequestCounters[] ReadCounters()
    {
        var slots = _table.Slots;
        var counters = new RequestCounters[slots.Count];
        for (var i = 0; i < counters.Length; i++)
        {
            counters[i] = slots[i].Counters;
        }

        return counters;
    }

    private void WriteSockets(Utf8JsonWriter json, ProcessFigures process)
    {
        var sockets = ReadSockets();
        var waiting = sockets.Sum(socket => (long)socket.Queue);
        json.WriteNumber("listen_queue"u8, waiting);

        // As in uWSGI: Linux counts who finds no room for all listeners together, and what it counts for one is other things too.
        json.WriteNumber("listen_queue_errors"u8, 0);
        json.WriteNumber("signal_queue"u8, 0);
        json.WriteNumber("load"u8, waiting);
        json.WriteNumber("pid"u8, Environment.ProcessId);
        json.WriteNumber("uid"u8, process.UserId);
        json.WriteNumber("gid"u8, process.GroupId);
        json.WriteString("cwd"u8, process.WorkingDirectory);
        json.WriteStartArray("locks"u8);
        json.WriteEndArray();
        json.WriteStartArray("sockets"u8);
        foreach (var socket in sockets)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, socket.Name);
            json.WriteString("proto"u8, socket.Protocol);
            json.WriteNumber("queue"u8, socket.Queue);
            json.WriteNumber("max_queue"u8, socket.MaxQueue);
            json.WriteNumber("shared"u8, 0);
            json.WriteNumber("can_offload"u8, _offload.IsOn && !socket.IsHttp ? 1 : 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteWorker(Utf8JsonWriter json, ProcessFigures process, RequestCounters[] counters)
    {
        var total = default(RequestCounters);
        foreach (var core in counters)
        {
            total.Add(core);
        }

        json.WriteStartObject();
        json.WriteNumber("id"u8, 1);
        json.WriteNumber("pid"u8, Environment.ProcessId);
        json.WriteNumber("accepting"u8, IsAccepting ? 1 : 0);
        json.WriteNumber("requests"u8, total.Requests);
        json.WriteNumber("delta_requests"u8, total.Requests);
        json.WriteNumber("exceptions"u8, total.Exceptions);
        json.WriteNumber("harakiri_count"u8, _harakiri.Killed);
        json.WriteNumber("signals"u8, 0);
        json.WriteNumber("signal_queue"u8, 0);
        json.WriteString("status"u8, _table.Running > 0 ? "busy"u8 : "idle"u8);
        json.WriteNumber("rss"u8, process.Resident);
        json.WriteNumber("vsz"u8, process.Virtual);
        json.WriteNumber("running_time"u8, total.Microseconds);
        json.WriteNumber("last_spawn"u8, ProcessFigures.Started.ToUnixTimeSeconds());
        json.WriteNumber("respawn_count"u8, 1);
        json.WriteNumber("tx"u8, total.Sent);
        json.WriteNumber("avg_rt"u8, _table.AverageMicroseconds);
        json.WriteStartArray("apps"u8);
        WriteApp(json, total);
        json.WriteEndArray();
        if (_options.ShowCores)
        {
            json.WriteStartArray("cores"u8);
            WriteCores(json, counters);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteApp(Utf8JsonWriter json, in RequestCounters total)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, 0);
        json.WriteNumber("modifier1"u8, 0);
        json.WriteString("mountpoint"u8, "");
        json.WriteNumber("startup_time"u8, Volatile.Read(ref _startupSeconds));
        json.WriteNumber("requests"u8, total.Requests - total.Static);
        json.WriteNumber("exceptions"u8, total.Exceptions);
        json.WriteString("chdir"u8, "");
        json.WriteEndObject();
    }

    private void WriteCores(Utf8JsonWriter json, RequestCounters[] counters)
    {
        var slots = _table.Slots;
        var view = new SlotView();
        var variablesSize = 0L;
        for (var i = 0; i < Math.Min(counters.Length, MaxCores); i++)
        {
            slots[i].CopyTo(view);
            variablesSize += view.Variables.Block.Length;
            WriteCore(json, counters[i], view, variablesSize <= MaxVariablesSize);
        }
    }

    private void WriteCore(Utf8JsonWriter json, in RequestCounters counters, SlotView view, bool isRoomForVariables)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, view.Id);
        json.WriteNumber("requests"u8, counters.Requests);
        json.WriteNumber("static_requests"u8, counters.Static);
        json.WriteNumber("routed_requests"u8, 0);
        json.WriteNumber("offloaded_requests"u8, counters.Offloaded);
        json.WriteNumber("write_errors"u8, counters.WriteErrors);
        json.WriteNumber("read_errors"u8, counters.ReadErrors);
        json.WriteNumber("in_request"u8, view.IsInUse ? 1 : 0);
        json.WriteStartArray("vars"u8);
        if (view.IsInUse)
        {
            for (var i = 0; isRoomForVariables && i < view.Variables.Count; i++)
            {
                json.WriteStringValue(VariableText.Of(view.Variables.GetName(i), view.Variables.GetValue(i), _options.ShowSecrets));
            }

            // uWSGI's last one.
            json.WriteStringValue("");
        }

        json.WriteEndArray();
        json.WriteStartObject("req_info"u8);
        if (view.IsInUse)
        {
            json.WriteNumber("request_start"u8, _table.TimeOf(view.Started).ToUnixTimeSeconds());
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private bool IsAccepting =>
        _lifetime is null || (_lifetime.ApplicationStarted.IsCancellationRequested && !_lifetime.ApplicationStopping.IsCancellationRequested);

    // Without the commit.
    private static string ReadVersion() =>
        typeof(StatsDocument).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
