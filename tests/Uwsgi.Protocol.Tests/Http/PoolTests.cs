using System.IO.Pipelines;
using System.Net;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;
using Uwsgi.Protocol.Tests.Rules;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>Requests are used again. Nothing of one is in the next.</summary>
public class PoolTests
{
    private const string Marker = "POISON";

    [Fact]
    [Trait("Guards", "a request never sees another one's data")]
    public async Task Whatever_a_request_sets_the_next_one_sees_defaults()
    {
        var features = new List<IFeatureCollection>();
        var seen = new List<SortedDictionary<string, string?>>();
        await using var server = new InMemoryServer(async context =>
        {
            features.Add(context.Features);
            seen.Add(Describe(context.Features));
            if (seen.Count == 2)
            {
                SetEverything(context);
                await context.Response.WriteAsync(Marker);
            }
        });
        _ = await server.AskAsync(Packets.Get());
        _ = await server.AskAsync(Packets.Get());
        _ = await server.AskAsync(Packets.Get());
        Assert.Same(features[0], features[1]);
        Assert.Same(features[0], features[2]);
        Assert.Equal(seen[0], seen[1]);
        Assert.Equal(seen[0], seen[2]);
        Assert.True(seen[0].Count > 40, "The description has lost its members.");
    }

    [Fact]
    [Trait("Guards", "a request never sees another one's data")]
    public async Task A_request_given_back_is_as_good_as_new()
    {
        RequestContext? used = null;
        await using var server = new InMemoryServer(async context =>
        {
            used = (RequestContext)context.Features.Get<IHttpRequestFeature>()!;
            SetEverything(context);
            _ = context.Request.Headers["X-Marker"];
            _ = context.RequestAborted;
            _ = context.Request.BodyReader;
            context.Response.ContentLength = Marker.Length;
            await context.Response.WriteAsync(Marker);
        });
        _ = await server.AskAsync(Packets.Post(Marker, ("HTTPS", "on"), ("HTTP_X_MARKER", Marker)));
        var fresh = new RequestContext<HttpContext>(server.Gateway.Runtime);
        fresh.Reset();
        AssertSameState(fresh, used!, typeof(RequestContext));
        AssertSameState(fresh.Response, used!.Response, typeof(ResponseWriter));
        AssertSameState(Field(fresh.Response, "_length"), Field(used.Response, "_length"), typeof(ResponseLength));
        AssertSameState(fresh.ResponseHeaders, used.ResponseHeaders, typeof(ResponseHeaders));
        Assert.Equal(0, used.Variables.Count);
        Assert.True(used.Variables.Block.IsEmpty);
    }

    [Theory]
    [EveryProtocol]
    [Trait("Guards", "what the app did not write never leaves")]
    public async Task No_byte_of_a_request_or_its_response_is_in_the_responses_behind_it(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            if (context.Request.Path == "/poison")
            {
                var poison = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Marker, 5000)));
                await context.Request.Body.CopyToAsync(Stream.Null);
                foreach (var i in Enumerable.Range(0, 50))
                {
                    context.Response.Headers[$"X-{Marker}-{i}"] = Marker;
                }

                poison.CopyTo(context.Response.BodyWriter.GetMemory(poison.Length).Span);
                context.Response.BodyWriter.Advance(poison.Length);
                await context.Response.BodyWriter.FlushAsync();
                if (context.Request.Query.ContainsKey("wait"))
                {
                    await Task.Yield();
                    await context.Response.Body.WriteAsync(poison);
                }

                if (context.Request.Query.ContainsKey("abort"))
                {
                    context.Abort();
                }
            }
            else
            {
                foreach (var size in (int[])[1, 100, 4000, 70_000])
                {
                    _ = context.Response.BodyWriter.GetMemory(size * 2);
                    context.Response.BodyWriter.GetSpan(size)[..size].Fill((byte)'.');
                    context.Response.BodyWriter.Advance(size);
                    await context.Response.BodyWriter.FlushAsync();
                }

                await Task.Yield();
                await context.Response.WriteAsync(string.Concat(context.Request.Headers.Where(header => header.Key != "Content-Length").Select(header => header.Key + header.Value)));
            }
        });
        foreach (var query in (string[])["", "?wait", "?abort", "?wait&abort"])
        {
            var poison = server.Requests.Request("POST", "/poison" + query,
                [("CONTENT_LENGTH", "6000"), .. Enumerable.Range(0, 100).Select(i => ($"HTTP_X_{Marker}_{i}", string.Concat(Enumerable.Repeat(Marker, 50))))]);
            var connection = server.Connect([.. poison, .. server.Requests.Body(string.Concat(Enumerable.Repeat(Marker, 1000)))]);
            _ = await connection.ReadToEndAsync();
            await connection.Execution.Within();
            var received = await server.AskAndCloseAsync(server.Requests.Get("/clean"));
            var next = server.Requests.Answer(received);
            Assert.Equal(200, next.Status);
            Assert.Equal(74_101 + "Hostexample.org".Length, next.Body.Length);
            Assert.DoesNotContain(Marker, received.Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    [Trait("Guards", "a request never sees another one's data")]
    public async Task What_an_app_does_after_its_request_reaches_nobody()
    {
        Stream? requestStream = null;
        PipeReader? requestReader = null;
        Stream? responseStream = null;
        PipeWriter? responseWriter = null;
        var second = new SyncPoint();
        var calls = 0;
        await using var server = new InMemoryServer(async context =>
        {
            if (++calls == 1)
            {
                (requestStream, requestReader) = (context.Request.Body, context.Request.BodyReader);
                (responseStream, responseWriter) = (context.Response.Body, context.Response.BodyWriter);
                return;
            }

            await second.MeetAsync();
            await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        _ = await server.AskAndCloseAsync(Packets.Post("first"));
        var connection = server.Connect(Packets.Post("second"));
        await second.Reached;
        await IsOverAsync(nameof(HttpRequest), async () => await requestStream!.ReadExactlyAsync(new byte[1]));
        await IsOverAsync(nameof(HttpRequest), async () => await requestReader!.ReadAsync());
        await IsOverAsync(nameof(HttpRequest), () => Task.FromResult(requestReader!.TryRead(out _)));
        await IsOverAsync(nameof(HttpResponse), async () => await responseStream!.WriteAsync("late"u8.ToArray()));
        await IsOverAsync(nameof(HttpResponse), async () => await responseStream!.FlushAsync());
        await IsOverAsync(nameof(HttpResponse), async () => await responseWriter!.WriteAsync("late"u8.ToArray()));
        await IsOverAsync(nameof(HttpResponse), async () => await responseWriter!.FlushAsync());
        await IsOverAsync(nameof(HttpResponse), () => Task.FromResult(responseWriter!.GetMemory()));
        await IsOverAsync(nameof(HttpResponse), () =>
        {
            responseWriter!.Advance(0);
            return Task.CompletedTask;
        });
        requestReader!.CancelPendingRead();
        responseWriter!.CancelPendingFlush();
        responseWriter.Complete();
        second.Continue();
        Assert.Equal("second", (await connection.ReadToEndAsync()).Body);
    }

    [Fact]
    public async Task Requests_at_the_same_time_have_an_object_each()
    {
        var inside = new SyncPoint();
        var all = new List<object>();
        await using var server = new InMemoryServer(async context =>
        {
            lock (all)
            {
                all.Add(context.Features.Get<IHttpRequestFeature>()!);
            }

            await inside.MeetAsync();
            await context.Response.WriteAsync(context.Request.Path);
        });
        var connections = Enumerable.Range(0, 20).Select(i => server.Connect(Packets.Get($"/{i}"))).ToList();
        await Eventually.TrueAsync(() =>
        {
            lock (all)
            {
                return all.Count == 20;
            }
        });
        inside.Continue();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal($"/{i}", (await connections[i].ReadToEndAsync()).Body);
        }

        Assert.Equal(20, all.Distinct().Count());
    }

    /// <summary>The app is told what it has lost, and why.</summary>
    private static async Task IsOverAsync(string name, Func<Task> use)
    {
        var failure = await Assert.ThrowsAsync<ObjectDisposedException>(use);
        Assert.Equal(name, failure.ObjectName);
        Assert.StartsWith("The request has ended", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Every readable member of every feature that a request has itself.</summary>
    private static SortedDictionary<string, string?> Describe(IFeatureCollection features)
    {
        var description = new SortedDictionary<string, string?>(StringComparer.Ordinal)
        {
            ["features"] = string.Join(",", features.Select(feature => feature.Key.Name).Order(StringComparer.Ordinal)),
        };
        foreach (var type in FeatureSlots.All)
        {
            var feature = features[type];
            description[type.Name] = feature?.GetType().Name;
            foreach (var property in feature is null ? [] : type.GetProperties().Where(property => property.GetIndexParameters().Length == 0))
            {
                description[$"{type.Name}.{property.Name}"] = property.Name is "TraceIdentifier" or "ConnectionId"
                    ? "its own"
                    : Text(property.GetValue(feature));
            }
        }

        return description;
    }

    private static string? Text(object? value) => value switch
    {
        IHeaderDictionary headers => string.Join(";", headers.Select(header => $"{header.Key}={header.Value}").Order(StringComparer.Ordinal)),
        MinDataRate rate => $"{rate.BytesPerSecond} {rate.GracePeriod}",
        CancellationToken token => $"{token.IsCancellationRequested}",
        Stream or PipeReader or PipeWriter => value.GetType().Name,
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture),
    };

    private static void SetEverything(HttpContext context)
    {
        var features = context.Features;
        foreach (var type in FeatureSlots.All.Take(FeatureSlots.OwnCount))
        {
            foreach (var property in type.GetProperties().Where(property => property.CanWrite && property.GetIndexParameters().Length == 0))
            {
                // The obsolete way to replace a response's body replaces another feature too; that is done below.
                if (type != typeof(IHttpResponseFeature) || property.Name != "Body")
                {
                    property.SetValue(features[type], Poison(property.PropertyType, property.GetValue(features[type])));
                }
            }
        }

        features.Get<IServerVariablesFeature>()!["REMOTE_USER"] = Marker;
        features.Get<IHttpResponseFeature>()!.StatusCode = 418;
        context.Response.Headers["X-Marker"] = Marker;
        context.Request.Headers["X-Marker"] = Marker;
        context.Items[Marker] = Marker;
        context.Response.OnStarting(() => Task.CompletedTask);
        context.Response.OnCompleted(() => Task.CompletedTask);
        features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();

        // Everything else that anybody may put there, in its slot or beside.
        foreach (var type in FeatureSlots.All.Skip(FeatureSlots.OwnCount).Append(typeof(IFormatProvider)).Append(typeof(IHttpResetFeature)))
        {
            features[type] = typeof(DispatchProxy).GetMethods().Single(method => method.Name == "Create" && method.GetGenericArguments().Length == 2)
                .MakeGenericMethod(type, typeof(Nothing)).Invoke(null, null);
        }
    }

    private static object? Poison(Type type, object? value) => value switch
    {
        _ when type == typeof(string) => Marker,
        bool flag => !flag,
        int => 418,
        _ when type == typeof(long?) => 4242L,
        _ when type == typeof(IPAddress) => IPAddress.Broadcast,
        _ when type == typeof(MinDataRate) => new MinDataRate(42, TimeSpan.FromSeconds(42)),
        _ when type == typeof(IHeaderDictionary) => new HeaderDictionary { ["X-Marker"] = Marker },
        _ when type == typeof(Stream) => new MemoryStream(Encoding.ASCII.GetBytes(Marker)),
        _ when type == typeof(CancellationToken) => new CancellationToken(canceled: true),
        _ => throw new NotSupportedException($"A member of type {type} is new: say what is not its default."),
    };

    private static object Field(object of, string name) =>
        of.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(of)!;

    private static void AssertSameState(object fresh, object used, Type type)
    {
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
        {
            // A previous text is used again only for a request that says the same.
            if (field.IsInitOnly || field.Name is "_revision" or "_previousTarget" or "_previousHost" || field.FieldType == typeof(Wire.CgiVariables))
            {
                continue;
            }

            var (expected, actual) = (field.GetValue(fresh), field.GetValue(used));
            Assert.True(Equals(expected, actual), $"{type.Name}.{field.Name} is {actual ?? "null"}, and {expected ?? "null"} in a new one.");
        }
    }

    /// <summary>A stand-in for any feature.</summary>
    public class Nothing : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => null;
    }
}
