using Uwsgi.Protocol.Diagnostics;

namespace Uwsgi.Protocol.Tests.Diagnostics;

/// <summary>What clients send, in a line of the log.</summary>
public class PrintableTextTests
{
    [Theory]
    [InlineData("/a?b=c&d=%20~!", "/a?b=c&d=%20~!")]
    [InlineData("/a b", "/a%20b")]
    [InlineData("/\r\nHARAKIRI", "/%0D%0AHARAKIRI")]
    [InlineData("\u001b[2J\0\u007f", "%1B[2J%00%7F")]
    [InlineData("\u0085\u009b\u2028\u202e", "%C2%85%C2%9B%E2%80%A8%E2%80%AE")]
    [InlineData("\ud83d\ude00", "%F0%9F%98%80")]
    public void Only_what_prints_is_printed(string text, string printable) => Assert.Equal(printable, PrintableText.Of(text));

    [Fact]
    public void Half_a_character_is_none() => Assert.Equal("a%EF%BF%BD", PrintableText.Of("a\ud800"));

    [Fact]
    public void Spaces_may_stay() => Assert.Equal("HTTP: GET /a%0A", PrintableText.WithSpaces("HTTP: GET /a\n"));

    [Theory]
    [InlineData(2047)]
    [InlineData(2048)]
    public void What_is_not_too_long_is_whole(int length) => Assert.Equal(new string('x', length), PrintableText.Of(new string('x', length)));

    [Fact]
    public void What_is_too_long_is_cut() => Assert.Equal(new string('x', 2048) + "...", PrintableText.Of(new string('x', 2049)));
}
