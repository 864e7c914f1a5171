namespace Uwsgi.Protocol.RequestLog;

/// <summary>One line in the making. A thread has one, and uses it again.</summary>
internal sealed class LineBuffer
{
    private byte[] _bytes = new byte[1024];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <summary>The next part of the line, with room for so many bytes.</summary>
    public LineText Begin(int size)
    {
        if (_bytes.Length - _length < size)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + size));
        }

        return new LineText(_bytes.AsSpan(_length));
    }

    /// <summary>The part has been written.</summary>
    public void End(in LineText text) => _length += text.Length;

    /// <inheritdoc cref="LineText.Append(ReadOnlySpan{byte})"/>
    public void Append(ReadOnlySpan<byte> text)
    {
        var part = Begin(text.Length);
        part.Append(text);
        End(part);
    }

    /// <inheritdoc cref="LineText.Append(long)"/>
    public void Append(long number)
    {
        var part = Begin(LineText.MaxNumberSize);
        part.Append(number);
        End(part);
    }

    /// <inheritdoc cref="LineText.Append(long, int)"/>
    public void Append(long number, int digits)
    {
        var part = Begin(LineText.MaxNumberSize);
        part.Append(number, digits);
        End(part);
    }

    /// <inheritdoc cref="LineText.AppendText"/>
    public void AppendText(ReadOnlySpan<byte> text)
    {
        var part = Begin(LineText.MaxSizeOf(text));
        part.AppendText(text);
        End(part);
    }

    /// <inheritdoc cref="LineText.AppendWord"/>
    public void AppendWord(ReadOnlySpan<byte> text)
    {
        var part = Begin(LineText.MaxSizeOf(text));
        part.AppendWord(text);
        End(part);
    }

    /// <inheritdoc cref="LineText.AppendUser"/>
    public void AppendUser(ReadOnlySpan<byte> text)
    {
        var part = Begin(LineText.MaxSizeOf(text));
        part.AppendUser(text);
        End(part);
    }
}
