namespace Uwsgi.Protocol.ContractApp.State;

/// <summary>Bytes that tell their position, so that a lost, doubled or moved block changes the hash.</summary>
internal static class Pattern
{
    public static void Fill(Span<byte> block, long position)
    {
        for (var i = 0; i < block.Length; i++)
        {
            var at = position + i;
            block[i] = (byte)(at ^ (at >> 8) ^ (at >> 16));
        }
    }
}
