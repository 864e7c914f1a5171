using System.IO.Pipes;
using Microsoft.Extensions.Configuration;
using Uwsgi.Protocol.Ini;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>A file as a part of an app's configuration, beside its other parts.</summary>
public class UwsgiIniConfigurationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Options_are_keys_and_repeated_ones_are_lists()
    {
        var configuration = Add("socket = :1\nuwsgi-socket = :2\nharakiri = 1\nharakiri = 30\nmaster\nworkers = 4\nmine = x\nmany = 1\nmany = 2\nvacuum = off\nmax_requests = 9");
        Assert.Equal(
            """
            uwsgi:harakiri=30
            uwsgi:many:0=1
            uwsgi:many:1=2
            uwsgi:master=true
            uwsgi:max-requests=9
            uwsgi:mine=x
            uwsgi:processes=4
            uwsgi:socket:0=:1
            uwsgi:socket:1=:2
            uwsgi:vacuum=false
            """,
            string.Join('\n', configuration.AsEnumerable().Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_file_may_be_missing_where_it_is_optional_and_not_otherwise()
    {
        var configuration = new ConfigurationManager();
        configuration.AddUwsgiIni(_directory["none.ini"], optional: true);
        Assert.Throws<FileNotFoundException>(() => configuration.AddUwsgiIni(_directory["none.ini"]));
    }

    [Fact]
    public void A_file_that_is_wrong_stops_the_start_with_its_line()
    {
        var error = Assert.Throws<InvalidDataException>(() => Add("a = 1\nfor = x"));
        Assert.StartsWith($"{_directory["main.ini"]}:3: 'for' has no end.", error.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_itself_may_be_a_pipe_as_a_shell_names_one()
    {
        using var shell = new AnonymousPipeServerStream(PipeDirection.Out);
        using var descriptor = shell.ClientSafePipeHandle;
        shell.Write("[uwsgi]\nharakiri = 7\n"u8);
        shell.Dispose();
        var configuration = new ConfigurationManager();
        configuration.AddUwsgiIni($"/dev/fd/{descriptor.DangerousGetHandle()}");
        Assert.Equal("7", configuration["uwsgi:harakiri"]);
    }

    [Fact]
    public void A_section_of_the_file_is_named_as_uWSGI_names_it()
    {
        var configuration = new ConfigurationManager();
        configuration.AddUwsgiIni(_directory.Write("two.ini", "[uwsgi]\nharakiri = 1\n[dev]\nharakiri = 2\n") + ":dev");
        Assert.Equal("2", configuration["uwsgi:harakiri"]);
    }

    [Fact]
    public void Later_sources_come_before_the_file_and_lists_add_up()
    {
        var section = Sections.Read(_directory, "socket = :1\nharakiri = 10\nbuffer-size = 1000\nenv = A=1", configuration => configuration
            .AddJson("""{"uwsgi": {"harakiri": 20, "limit-post": 5, "vacuum": false, "chmod-socket": null, "env": ["B=2", "C=3"]}}""")
            .AddCommandLine(["--uwsgi:harakiri=30", "--uwsgi:socket=:2", "--uwsgi:log-4xx", "yes"]));
        section.ThrowIfWrong();
        Assert.Equal("30", section.Last("harakiri"));
        Assert.Equal("1000", section.Last("buffer-size"));
        Assert.Equal("5", section.Last("limit-post"));
        Assert.False(section.Flag("vacuum"));
        Assert.True(section.Flag("log-4xx"));
        Assert.Null(section.Flag("strict"));
        Assert.Null(section.Last("chmod-socket"));
        Assert.Equal([":2", ":1"], section.All("socket"));
        Assert.Equal(["B=2", "C=3"], section.All("env"));
    }

    [Fact]
    public void Errors_name_the_place_that_counts()
    {
        var section = Sections.Read(_directory, "harakiri = x\nbuffer-size = y", configuration => configuration.AddCommandLine(["--uwsgi:harakiri=soon"]));
        _ = section.Number("harakiri", 0, 9);
        _ = section.Number("buffer-size", 0, 9);
        var error = Assert.Throws<FormatException>(section.ThrowIfWrong).Message;
        Assert.Contains("uwsgi:harakiri: harakiri: 'soon' is not a number from 0 to 9.", error, StringComparison.Ordinal);
        Assert.Contains($"{_directory["main.ini"]}:3: buffer-size: 'y' is not", error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_option_under_two_names_stops_the_start_where_one_of_them_can_count()
    {
        var section = Sections.Read(_directory, "processes = 1", configuration => configuration.AddJson("""{"uwsgi": {"workers": 4}}"""));
        Assert.Contains("processes", Assert.Throws<FormatException>(section.ThrowIfWrong).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_file_changes_the_keys_and_one_that_is_wrong_does_not()
    {
        var configuration = new ConfigurationManager();
        configuration.AddUwsgiIni(_directory.Write("main.ini", "[uwsgi]\nharakiri = 1\n"), reloadOnChange: true);
        Assert.Equal("1", configuration["uwsgi:harakiri"]);
        _directory.Write("main.ini", "[uwsgi]\nharakiri = 2\n");
        await Eventually.TrueAsync(() => configuration["uwsgi:harakiri"] == "2");

        var provider = Assert.Single(((IConfigurationRoot)configuration).Providers.OfType<UwsgiIniConfigurationProvider>());
        provider.Load(new MemoryStream("[uwsgi]\nfor = x\n"u8.ToArray()));
        Assert.Equal("2", configuration["uwsgi:harakiri"]);
    }

    public void Dispose() => _directory.Dispose();

    private ConfigurationManager Add(string lines)
    {
        var configuration = new ConfigurationManager();
        configuration.AddUwsgiIni(_directory.Write("main.ini", $"[uwsgi]\n{lines}"));
        return configuration;
    }
}
