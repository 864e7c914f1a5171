using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>A program that answers.</summary>
internal interface IServer
{
    /// <summary>What is not installed here; <see langword="null"/> where nothing is missing.</summary>
    string? Missing { get; }

    LoadProtocol Protocol { get; }

    /// <summary>The file that it runs for a request; empty where it needs none.</summary>
    string Script { get; }

    /// <summary>Starts it; it listens soon.</summary>
    RunningProcess Start(TemporaryDirectory directory, ListenAddress address);
}
