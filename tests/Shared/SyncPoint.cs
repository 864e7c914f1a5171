namespace Uwsgi.Protocol.Testing;

/// <summary>A place in the app where it meets the test: the app waits there until the test lets it go on.</summary>
public sealed class SyncPoint
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _continued = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The app is at the point.</summary>
    public Task Reached => _reached.Task.Within();

    /// <summary>Lets the app go on.</summary>
    public void Continue() => _continued.TrySetResult();

    /// <summary>The app waits for the test.</summary>
    public Task MeetAsync()
    {
        _reached.TrySetResult();
        return _continued.Task.Within();
    }
}
