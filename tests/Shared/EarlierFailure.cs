using System.Runtime.ExceptionServices;
using Xunit.Sdk;

namespace Uwsgi.Protocol.Testing;

/// <summary>
/// What has failed in a test before its end. Whoever looks at the end whether all is in order throws where it is not, and would hide the failure
/// that is the reason.
/// </summary>
public sealed class EarlierFailure
{
    private static readonly AsyncLocal<EarlierFailure?> Watching = new();
    private Exception? _exception;

    static EarlierFailure() => AppDomain.CurrentDomain.FirstChanceException += OnThrown;

    private EarlierFailure()
    {
    }

    /// <summary>Whether an assertion has failed, or something did not come in time.</summary>
    public bool Is => _exception is not null;

    /// <summary>Watches the test that calls it.</summary>
    public static EarlierFailure Watch() => Watching.Value ??= new EarlierFailure();

    /// <summary>What runs from here on is not the test: how it fails is for the test to say.</summary>
    public static void Leave() => Watching.Value = null;

    /// <summary>Looks whether all is in order; where it is not, what failed before is shown too.</summary>
    public async Task BesideAsync(Func<Task> look)
    {
        var earlier = _exception;
        try
        {
            await look().ConfigureAwait(false);
        }
        catch (Exception found) when (earlier is not null)
        {
            throw new AggregateException("The test had failed already, and its end is not in order either.", earlier, found);
        }
    }

    private static void OnThrown(object? sender, FirstChanceExceptionEventArgs thrown)
    {
        if (thrown.Exception is XunitException or TimeoutException && Watching.Value is { } test)
        {
            test._exception = thrown.Exception;
        }
    }
}
