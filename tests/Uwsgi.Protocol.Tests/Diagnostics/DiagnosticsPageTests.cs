using System.Reflection;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Diagnostics;

/// <summary>Whoever looks a word of the log up finds it in docs/diagnostics.md.</summary>
public class DiagnosticsPageTests
{
    private static readonly string Page = File.ReadAllText(RepositoryPath.Of("docs", "diagnostics.md"));

    /// <summary>Each as a row of the page begins.</summary>
    public static TheoryData<string> Events =>
        [.. typeof(GatewayRuntime).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(static method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .Select(static message => $"| {message.EventId} | {message.Level} | `{message.EventName}` |")];

    // A connection that is handed over goes on, and ends in another way.
    public static TheoryData<string> Ends => [.. Enum.GetValues<EndReason>().Where(static reason => reason != EndReason.HandedOver).Select(static reason => $"{reason}")];

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_is_there_with_its_level(string row) => Assert.Contains(row, Page, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_reason_is_there(string name) => Assert.Contains($"`{name}`", Page, StringComparison.Ordinal);
}
