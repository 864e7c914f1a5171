namespace Uwsgi.Protocol.Wire;

/// <summary>The values of <c>modifier1</c> that matter to an application server.</summary>
/// <remarks>uwsgi protocol, "Packet descriptions".</remarks>
public static class UwsgiModifier1
{
    /// <summary>A standard request (WSGI): what every front end sends by default.</summary>
    public const byte Request = 0;

    /// <summary>A request whose PATH_INFO still starts with SCRIPT_NAME (<c>UWSGI_MODIFIER_MANAGE_PATH_INFO</c>).</summary>
    public const byte ManagePathInfo = 30;

    /// <summary>A ping; answered with a packet of the same modifier and <c>modifier2</c> 1.</summary>
    public const byte Ping = 100;

    /// <summary>
    /// Whether packets with this modifier are requests for an application: 0, the languages' plugins of uWSGI
    /// (5 PSGI, 6 Lua, 7 Rack, 8 JVM, 9 CGI, 11 gccgo, 14 PHP, 15 Mono) and 30.
    /// </summary>
    /// <param name="modifier1">The packet's first byte.</param>
    /// <returns><see langword="true"/> for a request.</returns>
    public static bool IsRequest(byte modifier1) =>
        modifier1 is Request or (>= 5 and <= 9) or 11 or 14 or 15 or ManagePathInfo;
}
