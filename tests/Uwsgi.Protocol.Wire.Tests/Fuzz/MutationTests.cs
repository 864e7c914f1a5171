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
    private const int Rounds = 40_000;

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
    [InlineData(1)]
    [InlineData(2)]
    public void Only_WireFormatException_escapes(int seed)
    {
        var random = new Random(seed);
        var captures = FrontEndCapture.Of(FrontEndCapture.Uwsgi).Select(capture => capture.Bytes).Where(bytes => bytes.Length < 3000).ToArray();
        var variables = new CgiVariables();
        int accepted = 0, refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var packet = Mutate(random, captures[random.Next(captures.Length)]);
            try
            {
                var whole = Read(new(packet), variables);
                var split = Read(Segments.SplitAt(packet, random.Next(packet.Length + 1)), variables);
                Assert.Equal(whole, split);
                _ = whole.Error is null ? accepted++ : refused++;
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}: {Convert.ToHexString(packet)}", exception);
            }
        }

        // Mutations that never get past the reader, or never fail, test nothing.
        Assert.InRange(accepted, Rounds / 10, Rounds);
        Assert.InRange(refused, Rounds / 10, Rounds);
    }

    private static (WireError? Error, string? Targets) Read(ReadOnlySequence<byte> buffer, CgiVariables variables)
    {
        try
        {
            if (!UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data))
            {
                return (WireError.UnexpectedEnd, null);
            }

            variables.LoadUwsgi(data, 100);
            return (null, ReadRequest(variables));
        }
        catch (WireFormatException exception)
        {
            return (exception.Error, null);
        }
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

        // Mostly the size in the header is set right again, so that the variables are reached.
        if (random.Next(8) != 0 && bytes.Count >= 4)
        {
            (bytes[1], bytes[2]) = ((byte)(bytes.Count - 4), (byte)((bytes.Count - 4) >> 8));
        }

        return [.. bytes];
    }
}
