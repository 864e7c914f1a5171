using System.Net;
using System.Net.Sockets;

namespace Uwsgi.Protocol.Hosting;

/// <summary>The files of a server's unix sockets: made and removed under the locks of their directories.</summary>
internal sealed class SocketFiles(IEnumerable<EndPoint> endPoints, UnixSocketOptions options)
{
    private readonly SocketFile[] _wanted = [.. endPoints.SelectMany(FilesOf)];
    private readonly List<SocketFile> _bound = [];

    /// <summary>Locks the directories of all that are wanted.</summary>
    public Task<IDisposable> LockAsync() => LockAsync(_wanted);

    /// <summary>An end point has been opened: its file is ours to remove.</summary>
    public void OnBound(EndPoint endPoint)
    {
        if (options.RemoveAtStop)
        {
            _bound.AddRange(FilesOf(endPoint));
        }
    }

    /// <summary>Removes the files, under the locks of their directories.</summary>
    public async Task RemoveAsync()
    {
        using var locks = await LockAsync(_bound).ConfigureAwait(false);
        Remove();
    }

    /// <summary>Removes what is left of them, where there is no time to wait for a lock.</summary>
    public void Remove()
    {
        _bound.ForEach(file => file.Remove());
        _bound.Clear();
    }

    private static IEnumerable<SocketFile> FilesOf(EndPoint endPoint) =>
        endPoint is UnixDomainSocketEndPoint unix && ListenSocket.IsFile(unix) ? [new SocketFile(unix)] : [];

    // In order: no two wait for each other.
    private static async Task<IDisposable> LockAsync(IEnumerable<SocketFile> files)
    {
        var locks = new Locks();
        foreach (var directory in files.Select(file => file.Directory).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            locks.Held.Add(await DirectoryLock.TakeAsync(directory).ConfigureAwait(false));
        }

        return locks;
    }

    private sealed class Locks : IDisposable
    {
        public List<IDisposable?> Held { get; } = [];

        public void Dispose() => Held.ForEach(held => held?.Dispose());
    }
}
