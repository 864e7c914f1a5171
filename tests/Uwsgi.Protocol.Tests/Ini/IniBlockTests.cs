using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>What is read several times, or only where something is so; and files that include files.</summary>
public class IniBlockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData("for = a b  c\no = %(_)\np = <%(_)>\nend", "o=a|o=b|o=c|p=<a>|p=<b>|p=<c>")]
    [InlineData("for = a\no = %(_)\nendfor =", "o=a")]
    [InlineData("for =\no = %(_)\nend-for", "")]
    [InlineData("for-times = 3\no = %(_)\nend", "o=1|o=2|o=3")]
    [InlineData("for-times = 0\no = %(_)\nend", "")]
    [InlineData("list = x y\nfor = %(list)\no = %(_)\nend", "list=x y|o=x|o=y")]
    [InlineData("base = /srv\nfor = a\no = %(base)/%(_)/%d\nend", "base=/srv|o=/srv/a//etc/app/")]
    [InlineData("if-env = INI_TESTS_NOPE\no = 1\nendif\np = 2", "p=2")]
    [InlineData("if-not-env = INI_TESTS_NOPE\no = %(_)\nend-if", "o=%(_)")]
    [InlineData("if-env = PATH\no = 1\nend", "o=1")]
    [InlineData("ifenv = PATH=never\no = 1\nend", "")]
    [InlineData("k = 1\nk = 2\nif-opt = k=2\no = %(_)\nend\nif-opt = k=1\nq = 1\nend", "k=1|k=2|q=1")]
    [InlineData("if-not-opt = k\no = 1\nend", "o=1")]
    [InlineData("if-dir = /\no = %(_)\nend\nif-file = /\np = 1\nend\nif-exists = /\nq = 1\nend", "o=/|q=1")]
    [InlineData("if-not-exists = /nowhere\no = 1\nend\nifdir = /nowhere\np = 1\nend", "o=1")]
    [InlineData("ifexists = /\no = 1\nend\nif-directory = /\np = 1\nend\nifplugin = python\nq = 1\nend", "o=1|p=1")]
    [InlineData("if-plugin = python\no = 1\nend\nif-reload =\np = 1\nend\nif-not-reload =\nq = 1\nend", "q=1")]
    [InlineData("if-hostname = %h\no = 1\nend\nif-hostname-match = .*\np = 1\nend\nif-not-hostname = %h\nq = 1\nend", "o=1|p=1")]
    [InlineData("for-glob = /nowhere/*\no = %(_)\nend", "o=/nowhere/*")]
    public void A_block_is_read_for_each_item(string lines, string expected) => Assert.Equal(expected, string.Join('|', Inis.Read(lines)));

    [Theory]
    [InlineData("for = a\nfor = b\nend\nend", "main.ini:3: 'for' stands inside 'for' of line 2.")]
    [InlineData("for = a\nif-env = PATH\nend\nend", "main.ini:3: 'if-env' stands inside 'for' of line 2.")]
    [InlineData("\nfor = a\no = 1", "main.ini:3: 'for' has no end.")]
    [InlineData("a = 1\nend", "main.ini:3: 'end' ends nothing.")]
    [InlineData("for-times = x\nend", "main.ini:2: for-times = x: a number up to 10000")]
    [InlineData("for-times = -1\nend", "main.ini:2: for-times = -1")]
    [InlineData("for-times = 99999999999999999999\nend", "a number up to 10000")]
    [InlineData("for-times = 10000\no = 1\np = 1\nend", "main.ini:4: more than 10000 options.")]
    [InlineData("if-hostname-match = (\nend", "is no regular expression")]
    public void What_has_no_end_is_an_error_with_its_line(string lines, string error) =>
        Assert.Contains(error, Inis.ErrorOf(lines), StringComparison.Ordinal);

    [Fact]
    public void Ten_thousand_options_are_read_and_no_more()
    {
        Assert.Equal(10_000, Inis.Read("for-times = 10000\no = 1\nend").Length);
        Assert.Contains("main.ini:5: more than 10000 options.", Inis.ErrorOf("for-times = 10000\no = 1\nend\np = 1"), StringComparison.Ordinal);
        Assert.Contains("a number up to 10000", Inis.ErrorOf("for-times = 10001\nend"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_files_are_read_and_no_more()
    {
        var inner = _directory.Write("inner.ini", "[uwsgi]\n");

        // This one is the first.
        Assert.Equal(["a=1"], Inis.Read($"for-times = 999\ninclude = {inner}\nend\na = 1"));
        Assert.Contains("more than 1000 files", Inis.ErrorOf($"for-times = 1000\ninclude = {inner}\nend"), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_a_file_are_items_but_comments_and_empty_ones()
    {
        var path = _directory.Write(".envs", "A=1\r\n B=2 \n\n# comment\nC=\"q\"\nD=%(x)");
        Assert.Equal(["x=y", "env=A=1", "env= B=2 ", "env=C=\"q\"", "env=D=y"], Inis.Read($"x = y\nfor-readline = {path}\nenv = %(_)\nendfor"));
    }

    [Fact]
    public void A_file_of_lines_that_is_missing_is_told_of_and_stops_nothing()
    {
        var file = Inis.Load("[uwsgi]\nfor-readline = .nowhere\nenv = %(_)\nendfor\na = 1"u8.ToArray());
        Assert.Equal(["a=1"], Inis.Show(file));
        Assert.Equal("/etc/app/main.ini:2: there is no file '.nowhere' for for-readline; what it was to repeat is left out.", Assert.Single(file.Warnings));
    }

    [Theory]
    [InlineData("include = {0}")]
    [InlineData("ini = {0}:other")]
    [InlineData("inherit = {0}")]
    [InlineData("for-readline = {0}\no = %(_)\nend")]
    [InlineData("o = @({0})")]
    public async Task A_pipe_is_refused_and_not_waited_for(string line)
    {
        var path = _directory["pipe.ini"];
        Assert.Equal(0, (await FinishedProcess.RunAsync("mkfifo", [path], [])).ExitCode);
        var error = await Task.Run(() => Inis.ErrorOf(line.Replace("{0}", path, StringComparison.Ordinal))).Within();
        Assert.Equal($"{Inis.Path}:2: '{path}' cannot be read: it is no regular file.", error);
    }

    [Fact]
    public void Patterns_stand_for_paths_in_order()
    {
        foreach (var name in (string[])["b/2.conf", "a/1.conf", "a/.hidden.conf", "a/x.txt"])
        {
            _directory.Write(name, "");
        }

        Assert.Equal(
            [$"o={_directory["a/1.conf"]}", $"o={_directory["b/2.conf"]}"],
            Inis.Read($"for-glob = {_directory.FullPath}/*/?.conf\no = %(_)\nend"));
    }

    [Fact]
    public void Files_include_files_with_their_own_names_and_the_first_ones_capitals()
    {
        var inner = _directory.Write("inner.ini", "[uwsgi]\ni = %n %N %(base)\n[more]\nm = %x %X\n");
        Assert.Equal(
            ["base=/srv", "i=inner main /srv", "m=more uwsgi", "a=1", "i=inner main /srv"],
            Inis.Read($"base = /srv\ninherit = {inner}\ninclude = {inner}\nini = {inner}:more\na = 1"));
        var own = _directory.Write("own.ini", "[uwsgi]\ninclude = :two\n[two]\nhere = 1\n");
        Assert.Equal(["here=1"], Inis.Show(Inis.Load(File.ReadAllBytes(own), own)));
    }

    [Fact]
    public void A_block_may_include()
    {
        var inner = _directory.Write("inner.ini", "[uwsgi]\nfor = a b\no = %(_)\nend\n");
        Assert.Equal(["o=a", "o=b", "z=1"], Inis.Read($"if-exists = {inner}\ninclude = %(_)\nend\nz = 1"));
    }

    [Fact]
    public void What_includes_itself_is_an_error_with_its_line()
    {
        var a = _directory.Write("a.ini", $"[uwsgi]\n\ninclude = {_directory["b.ini"]}\n");
        _directory.Write("b.ini", $"[uwsgi]\ninclude = {a}\n");
        Assert.Contains($"b.ini:2: '{a}' includes itself.", Inis.ErrorOf($"include = {a}"), StringComparison.Ordinal);
        _directory.Write("c.ini", $"[uwsgi]\ninherit = {_directory["c.ini"]}\n");
        Assert.Contains("files are asked for", Inis.ErrorOf($"inherit = {_directory["c.ini"]}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_include_each_other_16_deep_and_no_further()
    {
        string Chain(int length)
        {
            for (var i = 1; i < length; i++)
            {
                _directory.Write($"{i}.ini", $"[uwsgi]\ninclude = {_directory[$"{i + 1}.ini"]}\n");
            }

            _directory.Write($"{length}.ini", "[uwsgi]\na = 1\n");
            return $"include = {_directory["1.ini"]}";
        }

        Assert.Equal(["a=1"], Inis.Read(Chain(15)));
        Assert.Contains("more than 16 files", Inis.ErrorOf(Chain(16)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("include = nowhere.ini", "nowhere.ini' cannot be read")]
    [InlineData("include = x.yml", "of uWSGI's formats only ini is read")]
    [InlineData("include = x.yaml", "of uWSGI's formats only ini is read")]
    [InlineData("include = x.json", "of uWSGI's formats only ini is read")]
    [InlineData("include = x.js", "of uWSGI's formats only ini is read")]
    [InlineData("include = x.xml", "of uWSGI's formats only ini is read")]
    [InlineData("include = -", "'-' is refused")]
    public void What_cannot_be_included_is_an_error_with_its_line(string line, string error)
    {
        var message = Inis.ErrorOf(line);
        Assert.StartsWith("/etc/app/main.ini:2: ", message, StringComparison.Ordinal);
        Assert.Contains(error, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_a_megabyte_is_read_and_a_larger_one_is_not()
    {
        var fitting = "[uwsgi]\na = ".PadRight(1024 * 1024, 'x');
        Assert.Equal(1024 * 1024 - 10, Inis.Show(Inis.Load(System.Text.Encoding.UTF8.GetBytes(fitting)))[0].Length);
        Assert.Throws<FormatException>(() => Inis.Load(System.Text.Encoding.UTF8.GetBytes(fitting + 'x')));
        Assert.Contains("of more than", Inis.ErrorOf("include = /dev/zero"), StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();
}
