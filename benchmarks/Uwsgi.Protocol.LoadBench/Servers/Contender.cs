using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>A server, and how it is asked.</summary>
/// <param name="Name">As the table has it.</param>
/// <param name="Server">The server.</param>
/// <param name="Unix">Whether it listens on a unix socket.</param>
/// <param name="Use">How many requests a connection is for: to the front end, where one is.</param>
/// <param name="BehindNginx">Whether nginx stands before it.</param>
internal sealed record Contender(string Name, IServer Server, bool Unix, ConnectionUse Use, bool BehindNginx = false)
{
    public string? Missing => Server.Missing ?? (BehindNginx && !Programs.Has(NginxFront.Program) ? NginxFront.Program : null);

    /// <summary>Starts it, and waits until it accepts connections.</summary>
    public async Task<RunningContender> StartAsync(Question question)
    {
        var running = new RunningContender(this);
        try
        {
            await running.StartAsync(question);
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }
}
