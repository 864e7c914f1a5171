using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>
/// A request of another server, HTTP's as a rule. Its response belongs to that server and to the handler: in the handler's place it can only be
/// aborted. Made anew for each, for the request's features hold on to it when it is over.
/// </summary>
internal sealed class WatchedHttpRequest : WatchedRequest, IHttpRequestLifetimeFeature
{
    private readonly Lock _lifetimeGate = new();
    private readonly IHttpRequestFeature _request;
    private readonly IHttpResponseFeature _response;
    private readonly IHttpConnectionFeature? _connection;
    private readonly IHttpRequestIdentifierFeature? _identifier;
    private readonly IHttpActivityFeature? _activity;
    private readonly IHttpExtendedConnectFeature? _connect;
    private readonly IHttpRequestLifetimeFeature? _lifetime;
    private readonly HttpRunningRequest? _running;
    private RequestLifetime? _own;
    private CancellationTokenRegistration _aborted;
    private CancellationToken? _replaced;

    /// <summary>Takes its place among the request's features.</summary>
    public WatchedHttpRequest(HttpContext context, HarakiriMonitor monitor)
        : base(monitor)
    {
        // Now: what the app does to its features meanwhile is not to be met from another thread.
        var features = context.Features;
        _request = features.GetRequiredFeature<IHttpRequestFeature>();
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _connection = features.Get<IHttpConnectionFeature>();
        _identifier = features.Get<IHttpRequestIdentifierFeature>();
        _activity = features.Get<IHttpActivityFeature>();
        _connect = features.Get<IHttpExtendedConnectFeature>();
        _lifetime = features.Get<IHttpRequestLifetimeFeature>();
        _running = features.Get<IRunningRequest>() as HttpRunningRequest;
        features.Set<IHarakiriFeature>(this);
        features.Set<IHttpRequestLifetimeFeature>(this);

        // Kestrel's has one from the beginning.
        features.Set<IEndpointFeature>(this);
    }

    /// <summary>Cancelled at the deadline, and when the server's own is.</summary>
    public CancellationToken RequestAborted
    {
        get
        {
            lock (_lifetimeGate)
            {
                return _replaced ?? Own.Token;
            }
        }

        set
        {
            lock (_lifetimeGate)
            {
                _replaced = value;
            }
        }
    }

    protected override bool IsUpgraded =>
        _response.HasStarted && (_response.StatusCode == StatusCodes.Status101SwitchingProtocols || _connect?.IsExtendedConnect == true);

    private RequestLifetime Own
    {
        get
        {
            if (_own is null)
            {
                _own = new RequestLifetime();
                _aborted = _lifetime?.RequestAborted.UnsafeRegister(static state => ((RequestLifetime)state!).Cancel(), _own) ?? default;
                if (IsTriggered)
                {
                    _own.Cancel();
                }
            }

            return _own;
        }
    }

    public void Abort() => _lifetime?.Abort();

    /// <summary>The handler has come back without an exception.</summary>
    public void OnReturned(HttpContext context)
    {
        OnReturned();
        if (IsTriggered && !_response.HasStarted && LateAnswer.IsNone(_response.StatusCode, _response.Headers.ContentLength))
        {
            Answer(context);
        }
    }

    /// <summary>Answers, where nothing has left.</summary>
    public static void Answer(HttpContext context)
    {
        context.Response.Clear();
        context.Response.StatusCode = StatusCodes.Status504GatewayTimeout;
    }

    protected override bool IsUsedAgain => false;

    protected override void Cancel()
    {
        lock (_lifetimeGate)
        {
            _own?.Cancel();
        }
    }

    protected override KillOutcome EndInItsPlace()
    {
        Abort();
        _running?.TellEnd();
        return KillOutcome.Cut;
    }

    protected override RequestDescription Describe() => RequestDescription.Of(
        "http", (_connection?.RemoteIpAddress ?? IPAddress.None).ToString(), _request, _identifier, _activity, Endpoint);

    // They are a front end's.
    protected override string DescribeVariables() => "";
}
