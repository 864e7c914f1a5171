namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rows of a rule: what they are, what is sent, what the app sees. Each is tried over every protocol.</summary>
internal static class Cases
{
    public static TheoryData<GatewayProtocol, string, (string, string)[], string> Of(params (string What, (string, string)[] Variables, string Expected)[] rows)
    {
        var data = new TheoryData<GatewayProtocol, string, (string, string)[], string>();
        foreach (var protocol in EveryProtocolAttribute.Protocols)
        {
            foreach (var (what, variables, expected) in rows)
            {
                data.Add(protocol, what, variables, expected);
            }
        }

        return data;
    }

    /// <summary>Says which row it was.</summary>
    public static void Equal(string what, string expected, string actual) => Assert.Equal($"{what}: {expected}", $"{what}: {actual}");
}
