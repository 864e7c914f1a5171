using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Uwsgi.Protocol.Testing;

/// <summary>Waiting with an end: what takes longer has failed.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Waits for a task, not for ever.</summary>
    public static Task Within(this Task task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        OrFailAsync(task.WaitAsync(Patience), what);

    /// <inheritdoc cref="Within(Task, string)"/>
    public static async Task<T> Within<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await OrFailAsync(task.WaitAsync(Patience), what).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task TrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > Patience)
            {
                throw new TimeoutException($"Not within {Patience.TotalSeconds} s: {what}");
            }

            await Task.Delay(2).ConfigureAwait(false);
        }
    }

    private static async Task OrFailAsync(Task task, string what)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Not within {Patience.TotalSeconds} s: {what}");
        }
    }
}
