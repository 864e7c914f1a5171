namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>Why a test runs over pipes alone.</summary>
internal static class PipesOnly
{
    public const string Drain =
        "Without a half-close an unread body is read before the response ends. With one it is left for the end: SocketEndTests.";

    public const string Failure = "No other error than a reset can be made to happen to a socket here: for that one there are tests over both.";
}
