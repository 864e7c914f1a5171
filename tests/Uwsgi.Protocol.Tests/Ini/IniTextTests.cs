using System.Text;
using Uwsgi.Protocol.Ini;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>The grammar, as uWSGI has it.</summary>
public class IniTextTests
{
    [Theory]
    [InlineData("a=1", "a=1")]
    [InlineData("  a \t=  1 \t", "a=1")]
    [InlineData("a = b = c", "a=b = c")]
    [InlineData("a", "a=")]
    [InlineData("a =", "a=")]
    [InlineData("a = 1 ; one # two", "a=1 ; one # two")]
    [InlineData("a = \"x\" 'y'", "a=\"x\" 'y'")]
    [InlineData("a = x\\\nb = y", "a=x\\|b=y")]
    [InlineData("; a = 1\n# b = 2\n  ;c\n\n \t\r\n", "")]
    [InlineData("a = 1\r\nb = 2\r\n", "a=1|b=2")]
    [InlineData("a = 1\na = 2", "a=1|a=2")]
    [InlineData("a = ü\u00a0", "a=ü\u00a0")]
    [InlineData("a = 1\n[other]\na = 2\n[uwsgi]\nb = 3", "a=1|b=3")]
    public void A_line_is_read_as_uWSGI_reads_it(string lines, string expected) => Assert.Equal(expected, string.Join('|', Inis.Read(lines)));

    [Fact]
    public void Lines_before_the_first_section_are_nobodys() =>
        Assert.Equal(["a=1"], Inis.Show(Inis.Load("x = 0\n[uwsgi]\na = 1"u8.ToArray())));

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void A_byte_order_mark_is_no_part_of_the_text(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes("[uwsgi]\r\na = ü\r\n")];
        Assert.Equal(["a=ü"], Inis.Show(Inis.Load(bytes)));
    }

    [Fact]
    public void Another_section_is_read_where_it_is_asked_for()
    {
        var bytes = "[uwsgi]\na = 1\n[two]\na = 2\nx = %x\n"u8.ToArray();
        Assert.Equal(["a=2", "x=two"], Inis.Show(Inis.Load(bytes, section: "two")));
    }

    [Theory]
    [InlineData("uwsgi.ini", "uwsgi.ini", "uwsgi")]
    [InlineData("uwsgi.ini:dev", "uwsgi.ini", "dev")]
    [InlineData("/etc/a:b/uwsgi.ini", "/etc/a:b/uwsgi.ini", "uwsgi")]
    [InlineData(@"C:\app\uwsgi.ini", @"C:\app\uwsgi.ini", "uwsgi")]
    [InlineData(@"C:\app\uwsgi.ini:dev", @"C:\app\uwsgi.ini", "dev")]
    public void A_section_is_named_behind_a_colon(string argument, string path, string section) =>
        Assert.Equal((path, section), IniFile.Split(argument));

    [Theory]
    [InlineData("[other]\na = 1", "/etc/app/main.ini:1: there is no section [uwsgi], but [other].")]
    [InlineData("", "/etc/app/main.ini:1: there is no section [uwsgi].")]
    [InlineData("[uwsgi", "/etc/app/main.ini:1: a section is a name in brackets")]
    [InlineData("[uwsgi] ; mine", "/etc/app/main.ini:1: a section is a name in brackets")]
    [InlineData("\n[]", "/etc/app/main.ini:2: a section is a name in brackets")]
    [InlineData("[uwsgi]\n\n= 1", "/etc/app/main.ini:3: '' is no name of an option.")]
    [InlineData("[uwsgi]\na:b = 1", "/etc/app/main.ini:2: 'a:b' is no name of an option.")]
    [InlineData("[uwsgi]\na = 1\0", "/etc/app/main.ini:2: there is a NUL")]
    public void What_uWSGI_would_pass_over_is_an_error_with_its_line(string text, string error)
    {
        var exception = Assert.Throws<FormatException>(() => Inis.Load(Encoding.UTF8.GetBytes(text)));
        Assert.StartsWith(error, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%d %n %e %s", "/etc/app/ main ini main.ini")]
    [InlineData("%p %c %o", "/etc/app/main.ini app /etc/app/main.ini")]
    [InlineData("%0/%1/%2.", "etc/app/.")]
    [InlineData("100%% %%(x)", "100% 7")]
    [InlineData("a%zb", "ab")]
    [InlineData("%x", "uwsgi")]
    [InlineData("%[1m", "\e1m")]
    [InlineData("100%", "100%")]
    [InlineData("%ü", "%ü")]
    [InlineData("%", "%")]
    public void A_percent_sign_and_a_character_stand_for_something(string written, string expected) =>
        Assert.Equal(["x=7", $"a={expected}"], Inis.Read($"x = 7\na = {written}"));

    [Fact]
    public void The_machine_and_the_process_have_theirs()
    {
        Assert.Equal(
            [$"a={Environment.CurrentDirectory} {Environment.MachineName} {Environment.ProcessorCount} {Environment.UserName}"],
            Inis.Read("a = %v %h %k %U"));
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.InRange(long.Parse(Inis.Read("a = %t")[0][2..], null), before, before + 60);
        Assert.InRange(long.Parse(Inis.Read("a = %T")[0][2..], null) / 1_000_000, before, before + 60);
        Assert.Equal([$"a={Environment.ProcessPath}"], Inis.Read("a = %b"));
        Assert.Matches(@"^a=\d+\.\d+\.\d+$", Inis.Read("a = %V")[0]);

        // As uWSGI computes it.
        Assert.Equal(["a=57AF4139"], Inis.Show(Inis.Load("[uwsgi]\na = %j"u8.ToArray(), "/srv/app/main.ini")));
        Assert.Contains("main.ini:2: %i ", Inis.ErrorOf("a = %i"), StringComparison.Ordinal);
    }
}
