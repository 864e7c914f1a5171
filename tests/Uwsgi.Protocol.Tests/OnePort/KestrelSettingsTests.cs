using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.Tests.OnePort;

/// <summary>HTTP on an endpoint of ours has every setting of the app's own.</summary>
public class KestrelSettingsTests
{
    // The endpoints of the app's configuration are the app's own Kestrel's; the other two are HTTP/3's.
    private static readonly string[] NotCopied =
        [nameof(KestrelServerOptions.ConfigurationLoader), "EnableAltSvc", $"{nameof(Http3Limits)}.{nameof(Http3Limits.MaxRequestHeaderFieldSize)}"];

    [Fact]
    public void Every_setting_that_Kestrel_has_is_copied()
    {
        var options = new KestrelServerOptions();
        foreach (var (target, property) in SettingsOf(options))
        {
            property.SetValue(target, Other(property, property.GetValue(target)));
        }

        var copies = SettingsOf(KestrelSettings.CopyOf(options)).ToDictionary(setting => NameOf(setting.Property));
        Assert.InRange(copies.Count, 25, int.MaxValue);
        foreach (var (target, property) in SettingsOf(options))
        {
            var (copy, _) = copies[NameOf(property)];
            Assert.True(Equals(property.GetValue(target), property.GetValue(copy)), NameOf(property));
        }
    }

    private static IEnumerable<(object Target, PropertyInfo Property)> SettingsOf(KestrelServerOptions options) =>
        new object[] { options, options.Limits, options.Limits.Http2, options.Limits.Http3 }
            .SelectMany(target => target.GetType().GetProperties().Select(property => (target, property)))
            .Where(setting => setting.property.SetMethod is { IsPublic: true })
            .Where(setting => !NotCopied.Contains(setting.property.Name) && !NotCopied.Contains(NameOf(setting.property)));

    private static string NameOf(PropertyInfo property) => $"{property.DeclaringType!.Name}.{property.Name}";

    /// <summary>A value that is not the one there is.</summary>
    private static object Other(PropertyInfo property, object? value) => (value, property.PropertyType) switch
    {
        (bool flag, _) => !flag,
        (int number, _) => number + 1,
        (TimeSpan time, _) => time < TimeSpan.MaxValue ? time + TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(17),
        (MinDataRate rate, _) => new MinDataRate(rate.BytesPerSecond + 1, rate.GracePeriod),
        (Func<string, Encoding?>, _) => (Func<string, Encoding?>)(static _ => Encoding.Latin1),
        (_, var type) when type == typeof(long?) => (value as long? ?? 100_000) + 1,
        (_, var type) when type == typeof(IServiceProvider) => new NoServices(),
        _ => throw new NotSupportedException($"A setting of a new type: {NameOf(property)}"),
    };

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
