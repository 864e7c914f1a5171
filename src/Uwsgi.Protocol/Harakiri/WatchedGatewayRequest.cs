using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Diagnostics;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>A request of our own server: used again with it.</summary>
internal sealed class WatchedGatewayRequest(RequestContext request, HarakiriMonitor monitor) : WatchedRequest(monitor)
{
    protected override bool IsUpgraded => request.IsUpgraded;

    protected override bool IsUsedAgain => true;

    protected override void Cancel() => request.OnDeadline();

    protected override KillOutcome EndInItsPlace() => request.Kill();

    // Of what the app may use at the same time, only what reading does not change.
    protected override RequestDescription Describe() => RequestDescription.Of(
        GatewayAddress.Scheme(((IGatewayRequestFeature)request).Protocol),
        Encoding.UTF8.GetString(request.Variables[CgiVariable.RemoteAddress]),
        request,
        request,
        ((IFeatureCollection)request).Get<IHttpActivityFeature>(),
        Endpoint);

    protected override string DescribeVariables()
    {
        var variables = request.Variables;
        var lines = new StringBuilder();
        for (var i = 0; i < variables.Count; i++)
        {
            var name = variables.GetName(i);
            var value = SecretVariables.Contains(name) ? "(secret)" : Encoding.UTF8.GetString(variables.GetValue(i));
            lines.Append("\nHARAKIRI: -- var> ").Append(PrintableText.Of(Encoding.UTF8.GetString(name)))
                .Append('=').Append(PrintableText.WithSpaces(value));
        }

        return lines.ToString();
    }
}
