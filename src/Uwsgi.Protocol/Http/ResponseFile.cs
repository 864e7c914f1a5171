using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Offload;

namespace Uwsgi.Protocol.Http;

/// <summary>
/// A file as a response's body, or a part of it, by the shortest way there is: the front end sends it, or a thread for files behind the
/// request, or the system from where it is; else it is copied.
/// </summary>
internal static class ResponseFile
{
    /// <inheritdoc cref="IHttpResponseBodyFeature.SendFileAsync"/>
    public static async Task SendAsync(RequestContext request, string path, long offset, long? count, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Offload?.FrontEnds.TryHandOver(request, path) == true)
        {
            await request.Response.StartAsync(request.ResponseBody).ConfigureAwait(false);
            return;
        }

        if (await TrySendAsync(request, path, offset, count, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        // A file of the system's own says that it is empty, and is not.
        await SendFileFallback.SendFileAsync(((IHttpResponseBodyFeature)request).Stream, path, offset, count, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Whether it need not be copied.</returns>
    private static async Task<bool> TrySendAsync(RequestContext request, string path, long offset, long? count, CancellationToken cancellationToken)
    {
        var offload = request.Offload is { IsOn: true } on ? on : null;
        if (offload is null && !request.HasDirectOutput)
        {
            return false;
        }

        var (response, owner) = (request.Response, request.ResponseBody);
        var file = FileBody.Open(path, offset, count);
        var isOurs = true;
        try
        {
            if (file.Left == 0)
            {
                return false;
            }

            await response.StartAsync(owner).ConfigureAwait(false);
            isOurs = offload is null || !TryOffload(response, owner, file, offload);
            if (isOurs && request.HasDirectOutput)
            {
                await SendAsync(response, owner, file, cancellationToken).ConfigureAwait(false);
                return true;
            }

            return !isOurs;
        }
        finally
        {
            if (isOurs)
            {
                file.Dispose();
            }
        }
    }

    private static bool TryOffload(ResponseWriter response, ResponseBody owner, FileBody file, OffloadRuntime offload) =>
        response.TryEndElsewhere(
            owner, file.Left, (File: file, Offload: offload), static (exchange, of, earlier) => exchange.Offload(of.File, of.Offload, earlier));

    private static async Task SendAsync(ResponseWriter response, ResponseBody owner, FileBody file, CancellationToken cancellationToken)
    {
        if (response.TryCountUnsent(owner, file.Left))
        {
            _ = await response.FlushAsync(owner, cancellationToken).ConfigureAwait(false);
            return;
        }

        while (file.Left > 0 && !response.HasEnded)
        {
            DirectContent piece;
            try
            {
                piece = file.Take();
            }
            catch (EndOfStreamException)
            {
                // Whatever the app makes of it: nobody takes what has left for all of it.
                response.Cut(owner, EndReason.ResponseTooShort);
                throw;
            }

            _ = await response.SendAsync(owner, piece, cancellationToken).ConfigureAwait(false);
        }
    }
}
