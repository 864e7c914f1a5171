using System.Collections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>Variables that make another server load code, set its environment or touch files are data here.</summary>
public class InertVariableTests
{
    [Fact]
    [Trait("Guards", "no variable loads code, sets the environment or opens a file")]
    public async Task Magic_variables_do_nothing_but_be_there()
    {
        var folder = Directory.CreateTempSubdirectory("uwsgi-inert-");
        try
        {
            var file = Path.Combine(folder.FullName, "touched");
            var before = Environment();
            (string Name, string Value)[] magic =
            [
                ("UWSGI_FILE", $"exec://touch {file}"), ("UWSGI_SCRIPT", "evil"), ("UWSGI_MODULE", "evil"), ("UWSGI_CALLABLE", "evil"),
                ("UWSGI_PYHOME", folder.FullName), ("UWSGI_CHDIR", folder.FullName), ("UWSGI_HOME", folder.FullName),
                ("UWSGI_SETENV", "UWSGI_INERT_TEST=set"), ("UWSGI_APPID", "/other"), ("UWSGI_SCHEME", "https"), ("UWSGI_SCHEME_SECURE", "on"),
                ("UWSGI_POSTFILE", file), ("UWSGI_TOUCH_RELOAD", file), ("UWSGI_CACHE_GET", "key"), ("UWSGI_INCLUDES", file),
                ("UWSGI_PARAM", "x"), ("DOCUMENT_ROOT", folder.FullName), ("SCRIPT_FILENAME", file), ("HTTP_PROXY", "http://evil.example"),
                ("PHP_VALUE", $"auto_prepend_file={file}"), ("PHP_ADMIN_VALUE", "x"), ("LD_PRELOAD", file), ("PATH", folder.FullName),
            ];
            await using var server = new InMemoryServer(context =>
            {
                foreach (var (name, value) in magic)
                {
                    Assert.Equal(value, context.GetServerVariable(name));
                }

                return context.Response.WriteAsync($"{context.Request.Scheme} {context.Request.Path} {context.Request.PathBase}");
            });
            Assert.Equal("http /hello ", (await server.AskAsync(Packets.Get("/hello", magic))).Body);
            Assert.Equal(400, (await server.AskAndCloseAsync(Packets.Get("/", [.. magic, ("REQUEST_METHOD", "")]))).Status);
            Assert.Equal(before, Environment());
            Assert.Empty(folder.GetFileSystemInfos());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static SortedDictionary<string, string> Environment()
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["<directory>"] = Directory.GetCurrentDirectory() };
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string)variable.Value!;
        }

        return variables;
    }
}
