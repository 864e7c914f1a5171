namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>Malformed input is told apart by its error, not by its message.</summary>
internal static class Refused
{
    public static void With(WireError expected, Action read, string because = "")
    {
        var exception = Assert.Throws<WireFormatException>(read);
        Assert.True(expected == exception.Error, $"{because}: {exception.Error} instead of {expected}");
    }
}
