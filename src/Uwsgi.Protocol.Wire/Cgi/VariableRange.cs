namespace Uwsgi.Protocol.Wire;

/// <summary>Where a variable's name and value stand in a block of bytes.</summary>
/// <param name="NameStart">The offset of the name's first byte.</param>
/// <param name="NameLength">The name's length in bytes.</param>
/// <param name="ValueStart">The offset of the value's first byte.</param>
/// <param name="ValueLength">The value's length in bytes.</param>
public readonly record struct VariableRange(int NameStart, int NameLength, int ValueStart, int ValueLength);
