using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

/// <summary>Makes the head of a response, whole and on the side: one that is too large has then not begun to leave.</summary>
internal sealed class ResponseHeadBuffer(IResponseHead head)
{
    // What nginx takes with its default buffer of one page, and the most that any front end takes.
    private const int LargeSize = 4096;
    private const int MaxSize = (64 * 1024) - 1;

    private readonly ArrayBufferWriter<byte> _bytes = new(512);

    /// <summary>The head that was written last.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <summary>Writes the head of an answer that is not the app's, and has no body; nothing of the app's is looked at.</summary>
    public void WriteEmptyTo(IBufferWriter<byte> output, ResponseHeadStyle style, DateHeader date, int statusCode)
    {
        _bytes.ResetWrittenCount();
        Refusal.WriteHead(_bytes, style, date, statusCode, length: 0);
        output.Write(_bytes.WrittenSpan);
    }

    /// <summary>Writes the head.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="style">How the status is written.</param>
    /// <param name="knownLength">The body's length, where it is known and the app has not said it.</param>
    /// <exception cref="InvalidOperationException">No front end would take a head of this size, or with this status.</exception>
    public void WriteTo(IBufferWriter<byte> output, ResponseHeadStyle style, long? knownLength)
    {
        _bytes.ResetWrittenCount();
        var statusCode = head.StatusCode;
        if (statusCode is >= 100 and < 200 && !head.IsUpgraded)
        {
            // Most front ends take it for the answer, and what follows for its body.
            throw new InvalidOperationException($"The status {statusCode} is not that of an answer; 101 is an upgrade's alone.");
        }

        var location = head.Headers[HeaderNames.Location] is [var only] ? only ?? "" : null;
        var writer = new ResponseHeadWriter(_bytes, style, statusCode, ReasonPhrase(statusCode), location, head.Headers.EncodingOf(HeaderNames.Location));
        foreach (var (name, values) in head.Headers)
        {
            if ((head.IsUpgraded || !HopByHop.Contains(name)) && !IsLengthOfNoBody(name, statusCode) && !(location is not null && IsLocation(name)))
            {
                foreach (var value in values)
                {
                    writer.WriteHeader(name, value ?? "", head.Headers.EncodingOf(name));
                }
            }
        }

        if (statusCode == StatusCodes.Status205ResetContent)
        {
            writer.WriteNumber("Content-Length: "u8, 0);
        }
        else if (knownLength is { } length)
        {
            writer.WriteNumber("Content-Length: "u8, length);
        }

        head.WriteImplicitHeaders(ref writer);
        writer.Complete();
        CheckSize(_bytes.WrittenCount);
        output.Write(_bytes.WrittenSpan);
    }

    // RFC 9110, section 8.6: none on 1xx and 204; 205 gets its own.
    private static bool IsLengthOfNoBody(string name, int statusCode) =>
        statusCode is < 200 or StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent
        && name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase);

    private static bool IsLocation(string name) => name.Equals(HeaderNames.Location, StringComparison.OrdinalIgnoreCase);

    private string ReasonPhrase(int statusCode)
    {
        var phrase = head.ReasonPhrase ?? ReasonPhrases.GetReasonPhrase(statusCode);
        return phrase.Length > 0 ? phrase : "Unknown";
    }

    private void CheckSize(int size)
    {
        if (size > MaxSize)
        {
            throw new InvalidOperationException($"The response's head has {size} bytes; no front end takes more than {MaxSize}.");
        }

        if (size > LargeSize)
        {
            head.OnLargeHead(size);
        }
    }
}
