using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>Answers to requests that never reach the app.</summary>
internal static class Refusal
{
    /// <summary>The status to answer with; 0 where the peer could not read an answer, or waits for none.</summary>
    public static int StatusOf(WireError error) => error switch
    {
        WireError.UnexpectedEnd or WireError.UnsupportedModifier or WireError.TlsHandshake => 0,
        WireError.PacketTooLarge or WireError.TooManyVariables => StatusCodes.Status431RequestHeaderFieldsTooLarge,
        _ => StatusCodes.Status400BadRequest,
    };

    /// <summary>The setting that would let the request pass, as a sentence; empty where there is none.</summary>
    public static string SettingOf(WireError error) => error switch
    {
        WireError.PacketTooLarge => "See UwsgiProtocolOptions.Limits.MaxRequestVariablesSize.",
        WireError.TooManyVariables => "See UwsgiProtocolOptions.Limits.MaxRequestVariableCount.",
        _ => "",
    };

    public static async Task WriteAsync(PipeWriter output, ResponseHeadStyle style, DateHeader date, int statusCode, string text)
    {
        WriteHead(output, style, date, statusCode, text.Length);
        output.Write(Encoding.ASCII.GetBytes(text));
        _ = await output.FlushAsync().ConfigureAwait(false);
    }

    public static void WriteHead(IBufferWriter<byte> output, ResponseHeadStyle style, DateHeader date, int statusCode, int length)
    {
        var writer = new ResponseHeadWriter(output, style, statusCode, ReasonPhrases.GetReasonPhrase(statusCode));
        if (length > 0)
        {
            writer.WriteHeader("Content-Type", "text/plain");
        }

        writer.WriteNumber("Content-Length: "u8, length);
        writer.WriteLines(date.Line);
        writer.Complete();
    }
}
