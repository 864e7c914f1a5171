using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Http;

namespace Uwsgi.Protocol.Connections;

/// <summary>Runs one request through the app, in the order that Kestrel does: the one request loop of all protocols.</summary>
internal static class RequestRunner
{
    public static async ValueTask<EndReason> RunAsync<TContext>(
        IHttpApplication<TContext> application, RequestContext request, IExchange exchange, GatewayRuntime runtime)
        where TContext : notnull
    {
        var context = application.CreateContext(request);
        Exception? failure = null;
        try
        {
            var running = application.ProcessRequestAsync(context);
            if (!running.IsCompleted)
            {
                request.Watch?.OnWaiting();
                request.Response.StopHoldingBack();
            }

            await running.ConfigureAwait(false);
            if (!request.IsAborted)
            {
                // OnStarting runs even where the app wrote nothing; what fails in it is the app's failure too.
                await request.Response.StartAsync(request.ResponseBody).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            failure = e;
        }

        var reason = EndReason.AppFailed;
        try
        {
            request.Watch?.OnReturned();
            reason = failure is null ? CheckResponse(request, runtime) : OnFailure(failure, request, runtime);
            await request.EndAsync().ConfigureAwait(false);
            if (reason is EndReason.Completed)
            {
                reason = request.IsUpgraded
                    ? EndReason.Upgraded
                    : await CompleteAsync(request, exchange, runtime).ConfigureAwait(false);
            }

            if (reason is not (EndReason.Completed or EndReason.Upgraded) && !request.IsKilled)
            {
                exchange.Abort(reason);
            }
        }
        finally
        {
            request.Watch?.End();

            // Whatever happened to the connection: the app's services are disposed of here.
            await request.FireOnCompletedAsync().ConfigureAwait(false);
            application.DisposeContext(context, failure);
        }

        return reason;
    }

    private static async ValueTask<EndReason> CompleteAsync(RequestContext request, IExchange exchange, GatewayRuntime runtime)
    {
        if (!request.Response.IsHeadWritten && request.Body is { IsDrained: false } body)
        {
            await exchange.DrainAsync(body).ConfigureAwait(false);
        }

        try
        {
            await request.Response.CompleteAsync(request.ResponseBody).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // A head that no front end would take, or a status or a reason that is none.
            request.HasThrown = true;
            runtime.Log.ApplicationError(request.ConnectionId, request.TraceIdentifier, e);
            if (!request.TryReplaceResponse(StatusCodes.Status500InternalServerError))
            {
                return EndReason.AppFailed;
            }

            await request.Response.CompleteAsync(request.ResponseBody).ConfigureAwait(false);
        }

        if (request.IsAborted)
        {
            return request.AbortReason;
        }

        // Before the app's callbacks: what they do is nothing that the front end waits for.
        exchange.OnResponseCompleted(request.HasCompletionCallbacks);
        return EndReason.Completed;
    }

    private static EndReason CheckResponse(RequestContext request, GatewayRuntime runtime)
    {
        if (request.IsAborted)
        {
            SetAbortedStatus(request);
            return request.AbortReason;
        }

        if (request.IsOverTime && request.HasSaidNothing && request.TryReplaceResponse(StatusCodes.Status504GatewayTimeout))
        {
            return EndReason.Completed;
        }

        if (request.IsUpgraded || request.Response.IsComplete || !request.Response.IsShort)
        {
            return EndReason.Completed;
        }

        runtime.Log.ResponseTooShort(
            request.ConnectionId, request.TraceIdentifier, request.Response.BytesWritten, request.ResponseHeaders.ContentLength);
        return request.TryReplaceResponse(StatusCodes.Status500InternalServerError)
            ? EndReason.Completed
            : EndReason.ResponseTooShort;
    }

    /// <summary>The app threw: another response in the place of its own where nothing of that has left, else an end that can be seen.</summary>
    private static EndReason OnFailure(Exception failure, RequestContext request, GatewayRuntime runtime)
    {
        var hasStopped = failure is OperationCanceledException or IOException || (request.IsKilled && failure is ObjectDisposedException);
        if (request.IsAbortSignaled && hasStopped && failure is not BadHttpRequestException)
        {
            // It stopped because nobody waits for it, or because its time is over.
            runtime.Log.RequestAborted(request.ConnectionId, request.TraceIdentifier);
            if (request.IsOverTime && !request.IsAborted)
            {
                return request.TryReplaceResponse(StatusCodes.Status504GatewayTimeout) ? EndReason.Completed : EndReason.Harakiri;
            }

            SetAbortedStatus(request);
            return request.AbortReason;
        }

        var statusCode = StatusCodes.Status500InternalServerError;
        if (failure is BadHttpRequestException bad)
        {
            statusCode = bad.StatusCode;
            IFeatureCollection features = request;
            features.Set<IBadRequestExceptionFeature>(new BadRequestExceptionFeature(bad));
            runtime.Log.BadRequest(request.ConnectionId, request.TraceIdentifier, bad.Message, bad);
        }
        else
        {
            request.HasThrown = true;
            runtime.Log.ApplicationError(request.ConnectionId, request.TraceIdentifier, failure);
        }

        var isAnswered = request.Response.IsComplete || request.TryReplaceResponse(statusCode);
        if (request.IsKilled)
        {
            SetAbortedStatus(request);
            return request.AbortReason;
        }

        return isAnswered && !request.IsUpgraded ? EndReason.Completed : EndReason.AppFailed;
    }

    /// <summary>For hosting's log alone: nobody will see it, or not as the app's.</summary>
    private static void SetAbortedStatus(RequestContext request)
    {
        if (request.IsAnsweredInItsPlace)
        {
            request.SetStatusForLog(StatusCodes.Status504GatewayTimeout);
        }
        else if (!request.Response.HasStarted)
        {
            request.SetStatusForLog(StatusCodes.Status499ClientClosedRequest);
        }
    }

    private sealed class BadRequestExceptionFeature(Exception error) : IBadRequestExceptionFeature
    {
        public Exception Error { get; } = error;
    }
}
