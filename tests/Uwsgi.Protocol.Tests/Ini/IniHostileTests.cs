using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>Whatever is in a file, it is read or it is an error that names a line, and soon.</summary>
public class IniHostileTests
{
    private static readonly string[] Parts =
    [
        "[uwsgi]", "\n", "\n", "\n", "\r\n", "=", " = ", "%", "%(", "%%(", "$(", "@(", ")", "(", " ", ";", "#", "[", "]", ":", "\t", "\0", "a", "b", "c", "_", "%d", "%z",
        "for", "for-times", "for-glob", "for-readline", "end", "if-opt", "if-not-env", "if-hostname-match", "include", "inherit", "ini", "set", "set-ph", "9", "99999999999", "++", "+", "/", "*",
        "socket", ":uwsgi", "ü", "\ud800", "-1", "exec://", "/dev/null", "..", "(((a+)+)+)$",
    ];

    [Fact]
    public async Task Random_bytes_are_read_or_are_an_error() => await ManyAsync(20_000, static random =>
    {
        var bytes = new byte[random.Next(64)];
        random.NextBytes(bytes);
        return [.. "[uwsgi]\n"u8, .. bytes];
    });

    [Fact]
    public async Task Random_words_of_the_format_are_read_or_are_an_error() => await ManyAsync(30_000, static random =>
        Encoding.UTF8.GetBytes("[uwsgi]\n" + string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => Parts[random.Next(Parts.Length)]))));

    [Fact]
    public async Task A_file_that_was_cut_or_changed_anywhere_is_read_or_is_an_error()
    {
        var whole = "[uwsgi]\nbase = /srv\nfor = a b\no = %(_)%(base + 1)\nend\nif-env = PATH\np = $(PATH)\nendif\nset-ph = x=%(base)\nq = %d%%%(x)\n"u8.ToArray();
        await ManyAsync(whole.Length * 40, random =>
        {
            byte[] bytes = [.. whole.AsSpan(0, random.Next(whole.Length + 1))];
            for (var i = random.Next(4); i > 0 && bytes.Length > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            return bytes;
        });
    }

    [Theory]
    [InlineData("%(", 300_000)]
    [InlineData("$(a", 300_000)]
    [InlineData("%%", 500_000)]
    [InlineData("(", 1_000_000)]
    [InlineData("%(a)", 200_000)]
    public async Task Much_of_the_same_is_read_soon(string part, int count)
    {
        var text = $"[uwsgi]\na = 1\nb = {string.Concat(Enumerable.Repeat(part, count))}\n";
        await Task.Run(() => ReadOrError(Encoding.UTF8.GetBytes(text))).Within();
    }

    [Fact]
    public async Task Many_options_and_many_blocks_are_read_soon()
    {
        var options = string.Concat(Enumerable.Range(0, 9_999).Select(static i => $"o{i} = %(o{i + 1})\n"));
        var blocks = string.Concat(Enumerable.Range(0, 4_000).Select(static i => $"for = %(x)\no = %(x) %(x)\nend\n"));
        await Task.Run(() =>
        {
            ReadOrError(Encoding.UTF8.GetBytes("[uwsgi]\n" + options));
            Assert.Equal(4_001, Inis.Read("x = 1\n" + blocks).Length);
        }).Within();
    }

    private static Task ManyAsync(int count, Func<Random, byte[]> next) => Task.Run(() =>
    {
        var random = new Random(5);
        for (var i = 0; i < count; i++)
        {
            ReadOrError(next(random));
        }
    }).Within();

    private static void ReadOrError(byte[] bytes)
    {
        try
        {
            _ = Inis.Load(bytes);
        }
        catch (FormatException e)
        {
            Assert.Matches(@"^[^\n]*:\d+: ", e.Message);
        }
    }
}
