using System.Globalization;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>A process with all that it has started (Linux).</summary>
internal sealed class ProcessTree(int root)
{
    // USER_HZ is 100 wherever .NET runs on Linux.
    private const double MicrosecondsPerTick = 10_000;

    // proc(5): behind the name, which may hold anything, are state, parent and more; these are the 14th to the 17th field of the whole line.
    private const int Parent = 1;
    private const int FirstTime = 11;
    private const int LastTime = 14;

    /// <summary>The CPU time, user and system, that it has used so far: that of children who have ended too.</summary>
    public double CpuMicroseconds() => Members().Sum(fields => Enumerable.Range(FirstTime, LastTime - FirstTime + 1).Sum(i => Number(fields.Stat[i]))) * MicrosecondsPerTick;

    /// <summary>The most memory that each has had, in sum; what they share counts for each.</summary>
    public long PeakResidentBytes() => Members().Sum(member => StatusKilobytes(member.Id, "VmHWM:")) * 1024;

    /// <summary>The memory that each has now, in sum.</summary>
    public long ResidentBytes() => Members().Sum(member => StatusKilobytes(member.Id, "VmRSS:")) * 1024;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static long StatusKilobytes(int id, string name)
    {
        var line = ReadLines($"/proc/{id}/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : Number(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim());
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return [];
        }
    }

    private List<(int Id, string[] Stat)> Members()
    {
        var all = new Dictionary<int, string[]>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && ReadLines($"{directory}/stat") is [var line])
            {
                all[id] = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            }
        }

        var children = all.ToLookup(process => Number(process.Value[Parent]), process => process.Key);
        var members = new List<(int, string[])>();
        var next = new Queue<int>([root]);
        while (next.TryDequeue(out var id))
        {
            if (all.TryGetValue(id, out var stat))
            {
                members.Add((id, stat));
                children[id].ToList().ForEach(next.Enqueue);
            }
        }

        return members;
    }
}
