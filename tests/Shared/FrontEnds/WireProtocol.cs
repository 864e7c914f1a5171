namespace Uwsgi.Protocol.Testing;

/// <summary>What a front end speaks to the app.</summary>
public enum WireProtocol
{
    Uwsgi,
    Scgi,
    FastCgi,
}
