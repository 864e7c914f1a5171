namespace Uwsgi.Protocol.Wire;

/// <summary>Reads CONTENT_LENGTH.</summary>
/// <remarks>RFC 3875, section 4.1.2: digits, or nothing where there is no body.</remarks>
public static class CgiContentLength
{
    /// <summary>Reads a length: decimal digits and nothing else.</summary>
    /// <param name="value">The variable's value.</param>
    /// <param name="length">The length; <see langword="null"/> for an empty value.</param>
    /// <returns><see langword="false"/> when the value is not a clean number below 2^63.</returns>
    public static bool TryParse(ReadOnlySpan<byte> value, out long? length)
    {
        length = null;
        if (value.IsEmpty)
        {
            return true;
        }

        var result = 0L;
        foreach (var b in value)
        {
            var digit = b - '0';
            if ((uint)digit > 9 || result > (long.MaxValue - digit) / 10)
            {
                return false;
            }

            result = (result * 10) + digit;
        }

        length = result;
        return true;
    }
}
