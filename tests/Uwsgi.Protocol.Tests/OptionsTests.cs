using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.Tests;

/// <summary>Options are right by default, and say at once when they are not.</summary>
public class OptionsTests
{
    [Fact]
    public void Limits_have_the_defaults_that_they_name()
    {
        var limits = new UwsgiProtocolLimits();
        var kestrel = new KestrelServerLimits();
        Assert.Equal(262_144, limits.MaxRequestVariablesSize);
        Assert.Equal(1000, limits.MaxRequestVariableCount);
        Assert.Equal(kestrel.RequestHeadersTimeout, limits.RequestHeadTimeout);
        Assert.Equal(kestrel.KeepAliveTimeout, limits.IdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(5), limits.RequestBodyDrainTimeout);
        Assert.Equal(TimeSpan.FromSeconds(5), limits.LingerTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), limits.LingerTime);
        Assert.Null(limits.MaxConcurrentConnections);
        Assert.Null(limits.MaxConcurrentRequests);
        var options = new UwsgiProtocolOptions();
        Assert.True(options.ServeHttp);
        Assert.Equal(4096, options.Backlog);
        Assert.Equal(PeerHalfClose.Auto, options.HalfClose);
        Assert.True(options.UnixSocket.RemoveAtStop);
    }

    [Fact]
    public void A_limit_that_is_none_is_refused_when_it_is_set()
    {
        var limits = new UwsgiProtocolLimits();
        foreach (var bad in (int[])[0, -1, 16_777_217])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => limits.MaxRequestVariablesSize = bad);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => limits.MaxRequestVariableCount = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => limits.MaxRequestBodySize = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => limits.MaxConcurrentConnections = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => limits.MaxConcurrentRequests = 0);
        foreach (var bad in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromTicks(-1)])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => limits.RequestHeadTimeout = bad);
            Assert.Throws<ArgumentOutOfRangeException>(() => limits.IdleTimeout = bad);
            Assert.Throws<ArgumentOutOfRangeException>(() => limits.RequestBodyDrainTimeout = bad);
            Assert.Throws<ArgumentOutOfRangeException>(() => limits.LingerTimeout = bad);
            Assert.Throws<ArgumentOutOfRangeException>(() => limits.LingerTime = bad);
        }

        limits.IdleTimeout = Timeout.InfiniteTimeSpan;
        Assert.Equal(TimeSpan.MaxValue, limits.IdleTimeout);
        limits.MaxRequestVariablesSize = 1;
        limits.MaxRequestVariablesSize = 16_777_216;
        limits.MaxRequestVariableCount = 1;
        limits.MaxRequestBodySize = 0;
        limits.MaxRequestBodySize = null;
        limits.MaxConcurrentConnections = 1;
        limits.MaxConcurrentConnections = null;
        limits.MaxConcurrentRequests = null;
        var options = new UwsgiProtocolOptions();
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Backlog = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Listen(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Listen(65_536));
        Assert.Throws<ArgumentOutOfRangeException>("protocol", () => options.Listen(0, (GatewayProtocol)99));
        Assert.Throws<ArgumentOutOfRangeException>("protocol", () => options.Listen("127.0.0.1:0", (GatewayProtocol)99));
        Assert.Throws<ArgumentOutOfRangeException>("protocol", () => options.ListenSystemd(protocol: (GatewayProtocol)99));
        Assert.Throws<ArgumentOutOfRangeException>("protocol", () => options.ListenSpawned((GatewayProtocol)99));
        Assert.Throws<ArgumentOutOfRangeException>(() => options.UnixSocket.Mode = (UnixFileMode)0x200);
        Assert.Throws<ArgumentException>(() => options.PathBase = "app");
    }

    [Theory]
    [InlineData("127.0.0.1:3031", "uwsgi://127.0.0.1:3031", false)]
    [InlineData("[::1]:3031", "uwsgi://[::1]:3031", false)]
    [InlineData("3031", "uwsgi://127.0.0.1:3031", false)]
    [InlineData("localhost:3031", "uwsgi://localhost:3031", false)]
    [InlineData("LOCALHOST:3031", "uwsgi://localhost:3031", false)]
    [InlineData(":3031", "uwsgi://[::]:3031", true)]
    [InlineData("*:3031", "uwsgi://[::]:3031", true)]
    [InlineData("0.0.0.0:3031", "uwsgi://0.0.0.0:3031", true)]
    [InlineData("192.0.2.1:80", "uwsgi://192.0.2.1:80", true)]
    [InlineData("[2001:db8::1]:80", "uwsgi://[2001:db8::1]:80", true)]
    [InlineData("/run/app.sock", "uwsgi://unix:/run/app.sock", false)]
    [InlineData("/run/../tmp/app.sock", "uwsgi://unix:/tmp/app.sock", false)]
    [InlineData("unix:/run/app.sock", "uwsgi://unix:/run/app.sock", false)]
    [InlineData("@name", "uwsgi://unix:@name", false)]
    [InlineData("unix:@name", "uwsgi://unix:@name", false)]
    [InlineData("fd://3", "uwsgi://fd:3", false)]
    [InlineData(" 127.0.0.1:3031 ", "uwsgi://127.0.0.1:3031", false)]
    public void An_address_is_read_as_uwsgi_and_nginx_write_it(string text, string shown, bool isReachableFromOutside)
    {
        var address = GatewayAddress.Parse(text, GatewayProtocol.Uwsgi);
        Assert.Equal(shown, address.ToString());
        Assert.Equal(isReachableFromOutside, address.IsReachableFromOutside);
        if (!shown.Contains("fd:", StringComparison.Ordinal))
        {
            Assert.True(GatewayAddress.TryParseUrl(shown, out var again));
            Assert.Equal(shown, again!.ToString());
        }
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("::1")]
    [InlineData("::1:3031")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:")]
    [InlineData("example.org:3031")]
    [InlineData("unix:")]
    [InlineData("fd://x")]
    [InlineData("fd://-1")]
    public void An_address_that_is_none_says_what_is_expected(string text)
    {
        var exception = Assert.Throws<FormatException>(() => new UwsgiProtocolOptions().Listen(text));
        Assert.Contains($"'{text}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:3031", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_too_long_for_a_socket_says_so() =>
        Assert.Contains("too long", Assert.Throws<FormatException>(() => new UwsgiProtocolOptions().Listen("/" + new string('x', 200))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:5000")]
    [InlineData("https://*:5001")]
    [InlineData("http://unix:/run/kestrel.sock")]
    [InlineData("nonsense")]
    [InlineData("")]
    public void Urls_of_others_are_left_to_them(string url) => Assert.False(GatewayAddress.TryParseUrl(url, out _));

    [Fact]
    public void A_url_may_end_with_a_slash()
    {
        Assert.True(GatewayAddress.TryParseUrl("uwsgi://127.0.0.1:3031/", out var address));
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 3031), address!.EndPoint);
    }
}
