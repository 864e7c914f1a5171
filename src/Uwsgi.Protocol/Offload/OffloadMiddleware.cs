using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Http;

namespace Uwsgi.Protocol.Offload;

/// <summary>From here on, files that a request of ours sends leave behind it.</summary>
internal sealed class OffloadMiddleware(RequestDelegate next, OffloadRuntime offload)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features is RequestContext request)
        {
            request.Offload = offload;
        }

        return next(context);
    }
}
