using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>The variables of a capture's first request, whichever protocol they came in.</summary>
internal static class CapturedVariables
{
    public static CgiVariables Of(FrontEndCapture capture)
    {
        var variables = new CgiVariables();
        var buffer = new ReadOnlySequence<byte>(capture.Bytes);
        switch (capture.Protocol)
        {
            case FrontEndCapture.Uwsgi when UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data):
                variables.LoadUwsgi(data, int.MaxValue);
                break;
            case FrontEndCapture.Scgi when ScgiNetstringReader.TryRead(ref buffer, int.MaxValue, out var headers):
                variables.LoadScgi(headers, int.MaxValue);
                break;
            case FrontEndCapture.FastCgi:
                variables.LoadFastCgi(ReceivedFastCgiRequest.ReadAll(buffer)[0].Params, int.MaxValue);
                break;
            default:
                throw new InvalidOperationException($"{capture} has no head.");
        }

        return variables;
    }

    /// <summary>Names and values as text of Latin-1, as they stand in the notes.</summary>
    public static List<(string Name, string Value)> ToPairs(CgiVariables variables) =>
        [.. Enumerable.Range(0, variables.Count).Select(i =>
            (Encoding.Latin1.GetString(variables.GetName(i)), Encoding.Latin1.GetString(variables.GetValue(i))))];
}
