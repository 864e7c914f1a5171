using System.Text.RegularExpressions;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>The same files, read by uWSGI itself: its --show-config and ours say the same.</summary>
public partial class SameAsUwsgiTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [FrontEndTheory("uwsgi")]
    [InlineData("a = 1\n b = 2 ; x\n; c = 3\n#d\ne\nf =\ng = h = i\nj = \"k\"\t\nl = m\\\nn = o")]
    [InlineData("n = %n|%d|%s|%e|%p|%c|%o|%0|%1|%z|100%%\nh = %h %U %j\nin = %[1m")]
    [InlineData("dup = 1\ndup = 2\nuse = %(dup)\nlater = %(x)\nx = y\nno = %(nope) $(UWSGI_NOPE) $(PATH) %() %( ) %(x")]
    [InlineData("base = /srv\none = %%(base) %%%(base) $$(PATH) %(q%(base)) %(base)%(base)")]
    [InlineData("n = 10\nm = %(n + 5) %(n n + 5) %(n ++) %(n --) %(n * 3 - 1) %(7 / 2) %(n / 0) %(0x10 + 1) %(5 - 8) %(n +)")]
    [InlineData("for = a b  c\n one = %(_)\n two = <%(_)>\nendfor =\nfor-times = 3\n t = %(_)\nend\nfor =\n q = 1\nend")]
    [InlineData("for-readline = lines.txt\n env = %(_)\nendfor\nfor-readline = missing.txt\n never = %(_)\nendfor\nfor-glob = *.txt\n g = %(_)\nend\nfor-glob = *.nope\n g = %(_)\nend")]
    [InlineData("k = 1\nk = 2\nif-opt = k=2\n a = %(_)\nendif\nif-opt = k=1\n b = 1\nendif\nif-not-env = UWSGI_NOPE\n c = %(_)\nend\nif-env = PATH\n d = %(_)\nend\nif-exists = lines.txt\n e = %(_)\nend\nif-not-exists = x\n f = 1\nend")]
    [InlineData("if-dir = .\n a = 1\nend\nif-file = lines.txt\n b = 1\nend\nif-file = .\n c = 1\nend\nif-hostname = %h\n d = 1\nend\nif-plugin = nope\n e = 1\nend\nif-reload =\n f = 1\nend")]
    [InlineData("set-ph = ph=val\nset-placeholder = ph2=val2\nset = s=x=y\nuse = %(ph) %(ph2) %(s)\ntext = [@(one.txt)]")]
    [InlineData("base = /srv\ninherit = inner.ini\ninclude = inner.ini\nini = inner.ini:two\nz = 1\n[other]\no = 1\n[uwsgi]\nagain = 1")]
    public async Task A_file_comes_to_the_same(string lines)
    {
        _directory.Write("lines.txt", "A=1\nB=2\nC=\"q\"\nD=%(base)\n");
        _directory.Write("one.txt", "one\n\n");
        _directory.Write("inner.ini", "[uwsgi]\ni = %n %N\n[two]\nt = %x %s\n");
        var path = _directory.Write("main.ini", $"[uwsgi]\n{lines}\n");
        var theirs = await ReadByUwsgiAsync();

        // Relative names are those of the working directory, which a test shares with others: as uWSGI was given them, but whole.
        var whole = RelativeFiles().Replace(lines, $"$1{_directory.FullPath}/$2");
        var ours = Inis.Show(Inis.Load(System.Text.Encoding.UTF8.GetBytes($"[uwsgi]\n{whole}\n"), path));
        Assert.Equal(theirs, ours.Select(Relative));
    }

    public void Dispose() => _directory.Dispose();

    // But for what is about the file itself.
    private string Relative(string option) =>
        option.StartsWith("n=", StringComparison.Ordinal) ? option : option.Replace(_directory.FullPath + "/", "", StringComparison.Ordinal);

    private async Task<IEnumerable<string>> ReadByUwsgiAsync()
    {
        // It goes on to serve: until it has shown what it has read. The path is absolute for %o, the socket is nobody's.
        await using var uwsgi = RunningProcess.Start(
            Programs.PathOf("uwsgi"), ["--show-config", "--http-socket", _directory["uwsgi.sock"], "--ini", _directory["main.ini"]], _directory.FullPath);
        await Deadline.UntilAsync("uWSGI has shown its configuration", () => Task.FromResult(uwsgi.HasExited || uwsgi.Output.Contains(";end of configuration", StringComparison.Ordinal)));
        var output = uwsgi.Output;
        Assert.Contains(";end of configuration", output, StringComparison.Ordinal);
        string[] directives = ["show-config", "http-socket", "ini", "include", "inherit", "set", "set-ph", "set-placeholder", "end", "endfor", "endif"];
        return output[output.IndexOf("[uwsgi]\n", StringComparison.Ordinal)..output.IndexOf(";end of", StringComparison.Ordinal)]
            .Split('\n')[1..^1]
            .Aggregate(new List<string>(), static (options, line) =>
            {
                // A value may have a line break in it.
                if (line.Contains(" = ", StringComparison.Ordinal))
                {
                    var (key, value) = (line[..line.IndexOf(" = ", StringComparison.Ordinal)], line[(line.IndexOf(" = ", StringComparison.Ordinal) + 3)..]);
                    options.Add($"{key}={value}");
                }
                else
                {
                    options[^1] += "\n" + line;
                }

                return options;
            })
            .Where(option => !directives.Contains(option.Split('=')[0]) && !option.StartsWith("for", StringComparison.Ordinal) && !option.StartsWith("if-", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"(= |@\()(lines\.txt|missing\.txt|one\.txt|inner\.ini|\*\.txt|\*\.nope)")]
    private static partial Regex RelativeFiles();
}
