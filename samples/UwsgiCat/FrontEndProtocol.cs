namespace UwsgiCat;

/// <summary>What is spoken to the server.</summary>
internal enum FrontEndProtocol
{
    Uwsgi,
    Scgi,
    FastCgi,
}
