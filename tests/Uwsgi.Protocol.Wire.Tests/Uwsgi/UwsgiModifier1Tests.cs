namespace Uwsgi.Protocol.Wire.Tests;

public sealed class UwsgiModifier1Tests
{
    [Fact]
    public void Only_applications_modifiers_are_requests()
    {
        byte[] requests = [0, 5, 6, 7, 8, 9, 11, 14, 15, 30];
        var accepted = Enumerable.Range(0, 256).Where(value => UwsgiModifier1.IsRequest((byte)value)).Select(value => (byte)value);
        Assert.Equal(requests, accepted);
    }

    [Theory]
    [InlineData(17)] // spooler
    [InlineData(18)] // symcall: calls a C function by its name
    [InlineData(22)] // runs the code in the packet
    [InlineData(97)] // brutal reload
    [InlineData(98)] // graceful reload
    [InlineData(110)] // signal
    [InlineData(111)] // cache
    [InlineData(173)] // RPC
    [InlineData(UwsgiModifier1.Ping)]
    public void What_would_control_the_server_is_no_request(byte modifier1) =>
        Assert.False(UwsgiModifier1.IsRequest(modifier1));
}
