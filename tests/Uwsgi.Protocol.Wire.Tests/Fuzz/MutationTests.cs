using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>
/// Captures with bytes changed, cut out and put in, by a generator with a fixed seed: what is malformed is refused in the one way
/// there is, and what is accepted keeps its promises.
/// </summary>
public sealed class MutationTests
{
    private const int Rounds = 20_000;

    private static readonly byte[] Interesting = [0, 1, 2, (byte)'%', (byte)'/', (byte)'.', (byte)'?', (byte)'#', (byte)'*', (byte)'\r', (byte)'\n', 0x7F, 0x80, 0xFE, 0xFF];

    private static readonly CgiTargetRules[] AllRules =
    [
        CgiTargetRules.Default,
        new() { ScriptName = CgiScriptName.Trust },
        new() { ScriptName = CgiScriptName.Ignore, PathSource = CgiPathSource.PathInfo },
        new() { ScriptName = CgiScriptName.Trust, PathSource = CgiPathSource.DocumentUri },
        new() { PathBase = "/app" },
    ];

    [Theory]
    [InlineData(FrontEndCapture.Uwsgi, 1)]
    [InlineData(FrontEndCapture.Uwsgi, 2)]
    [InlineData(FrontEndCapture.FastCgi, 1)]
    [InlineData(FrontEndCapture.FastCgi, 2)]
    [InlineData(FrontEndCapture.Scgi, 1)]
    [InlineData(FrontEndCapture.Scgi, 2)]
    public void Only_WireFormatException_escapes(string protocol, int seed)
    {
        var random = new Random(seed);
        var captures = FrontEndCapture.Of(protocol).Where(capture => capture.Bytes.Length < 3000).ToArray();
        var blocks = captures.Select(capture => CapturedVariables.Of(capture).Block.ToArray()).ToArray();
        var variables = new CgiVariables();
        int accepted = 0, refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            // Mostly the block is mutated and framed anew, so that the variables are reached.
            var at = random.Next(captures.Length);
            var bytes = random.Next(8) == 0 || blocks[at].Length == 0
                ? Mutate(random, captures[at].Bytes)
                : RequestHead.Frame(protocol, Mutate(random, blocks[at]));
            try
            {
                var whole = Read(protocol, new(bytes), variables);
                var split = Read(protocol, Segments.SplitAt(bytes, random.Next(bytes.Length + 1)), variables);
                Assert.Equal(whole, split);
                _ = whole.Error is null ? accepted++ : refused++;
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{protocol}, seed {seed}, round {round}: {Convert.ToHexString(bytes)}", exception);
            }
        }

        // Mutations that never get past the reader, or never fail, test nothing.
        Assert.InRange(accepted, Rounds / 10, Rounds);
        Assert.InRange(refused, Rounds / 10, Rounds);
    }

    private static (WireError? Error, string? Targets) Read(string protocol, ReadOnlySequence<byte> buffer, CgiVariables variables)
    {
        try
        {
            if (!TryReadHead(protocol, buffer, out var block))
            {
                return (WireError.UnexpectedEnd, null);
            }

            variables.Load(protocol, block, 100);
            return (null, ReadRequest(variables));
        }
        catch (WireFormatException exception)
        {
            return (exception.Error, null);
        }
    }

    private static bool TryReadHead(string protocol, ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> block) => protocol switch
    {
        FrontEndCapture.Uwsgi => UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out block),
        FrontEndCapture.Scgi => ScgiNetstringReader.TryRead(ref buffer, ushort.MaxValue, out block),
        _ => TryReadParams(buffer, out block),
    };

    private static bool TryReadParams(ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> block)
    {
        var pieces = new List<byte[]>();
        while (FastCgiRecordReader.TryRead(ref buffer, out var header, out var content))
        {
            switch (header.Type)
            {
                case FastCgiRecordType.BeginRequest:
                    _ = FastCgiBeginRequest.Parse(content);
                    break;
                case FastCgiRecordType.GetValues:
                    _ = FastCgiValues.ParseNames(content);
                    _ = FastCgiValues.Parse(content);
                    break;
                case FastCgiRecordType.Params when content.IsEmpty:
                    block = Segments.Of([.. pieces]);
                    return true;
                case FastCgiRecordType.Params:
                    pieces.Add(content.ToArray());
                    break;
            }
        }

        block = default;
        return false;
    }

    private static string ReadRequest(CgiVariables variables)
    {
        var text = new StringBuilder();
        foreach (var rules in AllRules)
        {
            text.Append(Try(() => CheckTarget(CgiTarget.Parse(variables, rules)))).Append('\n');
        }

        text.Append(Try(() => CgiOrigin.GetHost(variables, appendServerPort: true)));
        text.Append(CgiContentLength.TryParse(variables[CgiVariable.ContentLength], out var length)).Append(length);
        for (var i = 0; i < variables.Count; i++)
        {
            if (CgiHeaderName.IsHeader(variables.GetName(i)) && CgiHeaderName.IsValid(variables.GetName(i)))
            {
                var header = CgiHeaderName.ToHeader(variables.GetName(i));
                Assert.True(CgiHeaderName.Matches(variables.GetName(i), header), header);
            }
        }

        return text.ToString();
    }

    private static string CheckTarget(CgiTarget target)
    {
        Assert.True(target.PathBase.Length == 0 || target.PathBase[0] == '/', target.PathBase);
        Assert.True(target.Path.Length == 0 || target.Path[0] == '/', target.Path);
        Assert.True(target.QueryString.Length == 0 || target.QueryString[0] == '?', target.QueryString);
        Assert.DoesNotContain('\0', target.PathBase + target.Path + target.QueryString + target.RawTarget);
        Assert.Equal(-1, target.RawTarget.IndexOfAny(['\r', '\n']));
        return target.ToString();
    }

    private static string Try(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (WireFormatException exception)
        {
            return exception.Error.ToString();
        }
    }

    private static byte[] Mutate(Random random, byte[] original)
    {
        var bytes = original.ToList();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = Interesting[random.Next(Interesting.Length)];
                    break;
                case 2:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 3 when bytes.Count > 8:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 4), bytes.Count - at - 1));
                    break;
                case 4:
                    bytes.Insert(at, Interesting[random.Next(Interesting.Length)]);
                    break;
                default:
                    // Two bytes change places: lengths stay right, contents do not.
                    var other = random.Next(bytes.Count);
                    (bytes[at], bytes[other]) = (bytes[other], bytes[at]);
                    break;
            }
        }

        return [.. bytes];
    }
}
