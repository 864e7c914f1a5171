namespace Uwsgi.Protocol.Ini;

/// <summary>How many characters have to be added, left out, replaced or swapped with their neighbour to make one word of another.</summary>
internal static class EditDistance
{
    public static int Of(string left, string right)
    {
        var distances = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                distances[i, j] = i == 0 || j == 0 ? i + j : Next(i, j);
            }
        }

        return distances[left.Length, right.Length];

        int Next(int i, int j)
        {
            var replaced = distances[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
            var shortest = Math.Min(replaced, Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1);
            return i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]
                ? Math.Min(shortest, distances[i - 2, j - 2] + 1)
                : shortest;
        }
    }
}
