namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>Tests that want the machine for themselves.</summary>
[CollectionDefinition(nameof(OneAtATime), DisableParallelization = true)]
public sealed class OneAtATime;
