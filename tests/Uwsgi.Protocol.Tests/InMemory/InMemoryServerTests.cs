using Xunit.Sdk;

namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>What a test is told when it fails.</summary>
public class InMemoryServerTests
{
    [Fact]
    public async Task A_failure_is_the_tests_own_though_a_connection_is_still_open()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var server = new InMemoryServer(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
            _ = server.Connect(Packets.Get());
            Assert.Fail("the test's own");
        });
        Assert.Equal("the test's own", Assert.IsType<FailException>(failure).Message);
    }

    [Fact]
    public async Task A_failure_stands_beside_what_is_found_at_the_end()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var server = new InMemoryServer(static _ => throw new InvalidOperationException("the app's"));
            _ = await server.AskAsync(Packets.Get());
            Assert.Fail("the test's own");
        });
        Assert.Collection(
            Assert.IsType<AggregateException>(failure).InnerExceptions,
            static earlier => Assert.Equal("the test's own", earlier.Message),
            static found => Assert.Contains("ApplicationError", found.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_found_at_the_end_stands_alone_where_nothing_has_failed()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var server = new InMemoryServer(static async context =>
            {
                // In the app, where it is no failure of the test's.
                Assert.Throws<FailException>(static () => Assert.Fail("the app's"));
                await Task.Yield();
                throw new InvalidOperationException("the app's");
            });
            _ = await server.AskAsync(Packets.Get());
        });
        Assert.Contains("ApplicationError", Assert.IsType<DoesNotContainException>(failure).Message, StringComparison.Ordinal);
    }
}
