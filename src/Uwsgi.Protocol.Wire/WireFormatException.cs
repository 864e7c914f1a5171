using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Uwsgi.Protocol.Wire;

/// <summary>The peer sent bytes that no specification allows, or that a limit refuses.</summary>
public sealed class WireFormatException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong.</param>
    public WireFormatException(WireError error)
        : base($"Malformed input: {error}.") => Error = error;

    /// <summary>Creates the exception with a sentence of its own.</summary>
    /// <param name="error">What is wrong.</param>
    /// <param name="message">The same, for people.</param>
    public WireFormatException(WireError error, string message)
        : base(message) => Error = error;

    /// <summary>What is wrong.</summary>
    public WireError Error { get; }

    [DoesNotReturn, StackTraceHidden]
    internal static void Throw(WireError error) => throw new WireFormatException(error);

    [DoesNotReturn, StackTraceHidden]
    internal static void Throw(WireError error, string message) => throw new WireFormatException(error, message);
}
