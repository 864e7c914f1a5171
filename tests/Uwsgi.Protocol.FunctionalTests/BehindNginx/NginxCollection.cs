namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

[CollectionDefinition(Name)]
public sealed class NginxCollection : ICollectionFixture<NginxFixture>
{
    public const string Name = "behind nginx";
}
