using Microsoft.AspNetCore.Http;

namespace Uwsgi.Protocol.Tests.Harakiri;

/// <summary>A handler that does not come back before the test lets it, whatever it is told; then it writes.</summary>
internal sealed class StuckHandler(bool blocks) : IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _unblocked = new();

    /// <summary>It is at work.</summary>
    public Task Reached => Testing.Eventually.Within(_reached.Task);

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
