using System.Diagnostics;

namespace Uwsgi.Protocol.PublicApi.Tests;

/// <summary>Asks nginx itself whether a piece of configuration is one.</summary>
internal static class NginxSyntax
{
    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin")
        .Select(directory => Path.Combine(directory, "nginx")).FirstOrDefault(File.Exists);

    public static bool IsInstalled => Program is not null;

    public static async Task CheckAsync(string block)
    {
        var directory = Directory.CreateTempSubdirectory("nginx-");
        try
        {
            // What stands in front of the first location belongs to http, the rest to a server.
            var location = Math.Max(block.IndexOf("location", StringComparison.Ordinal), 0);
            var temporary = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(name => $"{name}_temp_path {directory}/{name};\n"));
            File.WriteAllText(
                $"{directory}/nginx.conf",
                $"pid {directory}/pid;\nevents {{ }}\nhttp {{\naccess_log off;\n{temporary}{block[..location]}\nserver {{\nlisten unix:{directory}/socket;\n{block[location..]}\n}}\n}}\n");
            File.Copy("/etc/nginx/uwsgi_params", $"{directory}/uwsgi_params");
            File.Copy("/etc/nginx/scgi_params", $"{directory}/scgi_params");
            var start = new ProcessStartInfo(Program!, ["-t", "-q", "-p", directory.FullName, "-c", $"{directory}/nginx.conf", "-e", $"{directory}/error.log"])
            {
                RedirectStandardError = true,
            };
            using var nginx = Process.Start(start)!;
            var said = await nginx.StandardError.ReadToEndAsync();
            await nginx.WaitForExitAsync();
            Assert.True(nginx.ExitCode == 0, said);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
