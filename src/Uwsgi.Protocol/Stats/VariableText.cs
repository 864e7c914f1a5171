using System.Text;
using System.Text.Unicode;
using Uwsgi.Protocol.Diagnostics;

namespace Uwsgi.Protocol.Stats;

/// <summary>Variables as text to show: whatever bytes they have, and without what is nobody's business.</summary>
internal static class VariableText
{
    private const string Hidden = "***";

    /// <summary>NAME=value.</summary>
    public static string Of(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool showSecrets)
    {
        var text = Decode(value);
        if (!showSecrets)
        {
            text = SecretVariables.Contains(name) ? Hidden
                : HasQuery(name) ? WithoutSecrets(text, isAllQuery: name.SequenceEqual("QUERY_STRING"u8))
                : text;
        }

        return Decode(name) + "=" + text;
    }

    private static bool HasQuery(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("QUERY_STRING"u8) || name.SequenceEqual("REQUEST_URI"u8) || name.SequenceEqual("HTTP_REFERER"u8);

    /// <summary>A target, or a query, whose secret parameters have no value: a WebSocket's credentials are such, for want of a header.</summary>
    private static string WithoutSecrets(string target, bool isAllQuery)
    {
        var query = isAllQuery ? 0 : target.IndexOf('?', StringComparison.Ordinal) + 1;
        if (query == 0 && !isAllQuery)
        {
            return target;
        }

        var parameters = target[query..].Split('&');
        for (var i = 0; i < parameters.Length; i++)
        {
            var equals = parameters[i].IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && SecretVariables.Contains(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(parameters[i][..equals]))))
            {
                parameters[i] = parameters[i][..(equals + 1)] + Hidden;
            }
        }

        return target[..query] + string.Join('&', parameters);
    }

    // As the app gets them.
    private static string Decode(ReadOnlySpan<byte> bytes) => (Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes);
}
