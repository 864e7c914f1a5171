using System.Text;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class CgiContentLengthTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("5", 5)]
    [InlineData("007", 7)]
    [InlineData("0000000000000000000000000000000000000005", 5)]
    [InlineData("65536", 65536)]
    [InlineData("4294967296", 4294967296)]
    [InlineData("9223372036854775806", long.MaxValue - 1)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Digits_are_a_length(string value, long expected)
    {
        Assert.True(TryParse(value, out var length));
        Assert.Equal(expected, length);
    }

    [Fact]
    public void Nothing_is_no_length()
    {
        Assert.True(TryParse("", out var length));
        Assert.Null(length);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("-0")]
    [InlineData("+5")]
    [InlineData("0x10")]
    [InlineData("1e3")]
    [InlineData("5.0")]
    [InlineData(" 5")]
    [InlineData("5 ")]
    [InlineData(" ")]
    [InlineData("\t5")]
    [InlineData("5\n")]
    [InlineData("5\0")]
    [InlineData("\0")]
    [InlineData("5,5")]
    [InlineData("5, 5")]
    [InlineData("5x")]
    [InlineData("abc")]
    [InlineData("\u0665")] // ARABIC-INDIC DIGIT FIVE
    [InlineData("\uff15")] // FULLWIDTH DIGIT FIVE
    [InlineData("9223372036854775808")]
    [InlineData("9223372036854775817")]
    [InlineData("18446744073709551616")]
    [InlineData("18446744073709551621")]
    [InlineData("99999999999999999999999999999999999999")]
    public void Anything_else_is_refused_and_never_read_as_0(string value)
    {
        Assert.False(TryParse(value, out var length));
        Assert.Null(length);
    }

    [Fact]
    public void Only_ten_bytes_are_digits()
    {
        var digits = Enumerable.Range(0, 256).Where(b => CgiContentLength.TryParse([(byte)b], out _));
        Assert.Equal("0123456789", string.Concat(digits.Select(b => (char)b)));
    }

    private static bool TryParse(string value, out long? length) =>
        CgiContentLength.TryParse(Encoding.UTF8.GetBytes(value), out length);
}
