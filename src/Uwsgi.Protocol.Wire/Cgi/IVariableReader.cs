namespace Uwsgi.Protocol.Wire;

/// <summary>
/// What <see cref="CgiVariables"/> needs of a protocol: where the names and values stand in a block of bytes. Readers are structs, so that
/// each gets the loop compiled for itself, with its calls inlined.
/// </summary>
/// <typeparam name="TSelf">The reader.</typeparam>
internal interface IVariableReader<TSelf>
    where TSelf : struct, IVariableReader<TSelf>, allows ref struct
{
    /// <summary>Starts at the first variable of a block.</summary>
    static abstract TSelf Over(ReadOnlySpan<byte> block);

    /// <summary>Reads the next variable; <see langword="false"/> at the end.</summary>
    bool TryRead(out VariableRange variable);
}
