using System.Text;
using System.Text.RegularExpressions;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>
/// What the client asked for, worked out from the text of its request in the simplest way there is. It shares no code with
/// <see cref="CgiTarget"/>: strings and regular expressions instead of bytes.
/// </summary>
internal sealed record ClientRequestTarget(string Path, string QueryString)
{
    /// <summary>Reads an HTTP request, or the command line of curl; text is Latin-1.</summary>
    public static ClientRequestTarget Of(string request)
    {
        var target = request.StartsWith("curl ", StringComparison.Ordinal)
            ? Regex.Match(request, "https?://[^ ]+").Value
            : request.Split("\r\n")[0].Split(' ')[1];
        target = Regex.Replace(target, "^https?://[^/?#]*", "");
        target = target.Split('#')[0];
        var parts = target.Split('?', 2);
        return new ClientRequestTarget(
            WithoutDots(Utf8(Decode(parts[0]))),
            parts.Length == 1 ? "" : "?" + Utf8(parts[1]));
    }

    private static string Decode(string path) =>
        Regex.Replace(path, "%([0-9A-Fa-f]{2})", match =>
        {
            var c = (char)Convert.ToByte(match.Groups[1].Value, 16);
            return c == '/' ? match.Value : c.ToString();
        });

    private static string Utf8(string latin1) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(latin1));

    private static string WithoutDots(string path)
    {
        var segments = new List<string>();
        var all = path[1..].Split('/');
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i] is not ("." or ".."))
            {
                segments.Add(all[i]);
                continue;
            }

            if (all[i] == ".." && segments.Count > 0)
            {
                segments.RemoveAt(segments.Count - 1);
            }

            if (i == all.Length - 1)
            {
                segments.Add("");
            }
        }

        return "/" + string.Join('/', segments);
    }
}
