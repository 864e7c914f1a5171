using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Harakiri;

/// <summary>A handler that does not come back before the test lets it, whatever it is told; then it writes.</summary>
internal sealed class StuckHandler(bool blocks) : IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _unblocked = new();

    /// <summary>Waits until it is at work.</summary>
    /// <returns>Lets it go when the test ends, in whatever way: the server waits for it.</returns>
    public async Task<IDisposable> ReachedAsync()
    {
        await _reached.Task.Within();
        return this;
    }

    /// <summary>Ends when the test lets it go: for handlers that do something else meanwhile.</summary>
    public Task Released => _released.Task;

    /// <summary>The thread that it began on.</summary>
    public int ThreadId { get; private set; }

    public async Task RunAsync(HttpContext context)
    {
        ThreadId = Environment.CurrentManagedThreadId;
        _reached.TrySetResult();
        if (blocks)
        {
            _unblocked.Wait();
        }
        else
        {
            await _released.Task;
        }

        await context.Response.WriteAsync("late");
    }

    public void Release()
    {
        _released.TrySetResult();
        _unblocked.Set();
    }

    public void Dispose()
    {
        Release();
        _unblocked.Dispose();
    }
}
