using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

/// <summary>
/// One request: what it is made of, and nothing that does anything. Used again and again; <see cref="Reset"/> leaves nothing of one
/// request to the next.
/// </summary>
internal abstract partial class RequestContext
{
    // As Kestrel does: of a text that comes with many requests, one string is enough. Long ones come once.
    private const int MaxKeptText = 256;

    private readonly GatewayRuntime _runtime;
    private readonly Lock _variablesGate = new();
    private CgiTarget _previousTarget;
    private string? _previousHost;
    private RequestHeaders? _requestHeaders;
    private ServerVariables? _serverVariables;
    private ConnectionContext? _connection;
    private IExchange? _exchange;

    protected RequestContext(GatewayRuntime runtime)
    {
        _runtime = runtime;
        Variables = new CgiVariables();
        ResponseHeaders = new ResponseHeaders(runtime.ResponseHeaderEncoding);
        Response = new ResponseWriter(this);
    }

    /// <summary>The request's variables. They are loaded first, then <see cref="Begin"/> makes a request of them.</summary>
    public CgiVariables Variables { get; }

    public ResponseHeaders ResponseHeaders { get; }

    public ResponseWriter Response { get; }

    /// <summary>The request's hold on <see cref="Response"/>.</summary>
    public ResponseBody ResponseBody { get; private set; } = null!;

    /// <summary>The body; null where there is none.</summary>
    public RequestBody? Body { get; private set; }

    /// <summary>The body's length as announced; null where it was not.</summary>
    public long? AnnouncedLength { get; private set; }

    /// <summary>Whether the app may upgrade it.</summary>
    public bool CanUpgrade { get; private set; }

    public bool IsUpgraded { get; private set; }

    /// <summary>Whether the request was aborted, by whichever side.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>Who sends files behind the request; null where nobody does.</summary>
    public OffloadRuntime? Offload { get; set; }

    private IFeatureCollection? ConnectionFeatures => _connection?.Features;

    /// <summary>Makes a request of the variables.</summary>
    /// <exception cref="WireFormatException">They do not make one.</exception>
    public void Begin(ConnectionContext connection, IExchange exchange, byte modifier1, byte modifier2)
    {
        // What the app may keep is made anew; what it did to the rest since the last request ended is undone.
        Forget();
        _requestHeaders = new RequestHeaders(Variables, _runtime.RequestHeaderEncoding, _variablesGate);
        _connection = connection;
        _exchange = exchange;
        _modifier1 = modifier1;
        _modifier2 = modifier2;
        _method = KnownTexts.Method(ValidMethod());
        _isHead = HttpMethods.IsHead(_method);
        _protocol = KnownTexts.Protocol(Variables[CgiVariable.ServerProtocol]);
        var target = CgiTarget.Parse(Variables, _runtime.TargetRules, _previousTarget);
        _previousTarget = target.RawTarget.Length <= MaxKeptText ? target : default;
        (_rawTarget, _pathBase, _path, _queryString) = target;
        _scheme = CgiOrigin.IsHttps(Variables) ? "https" : "http";

        var framing = BodyFraming.Of(Variables, exchange.Protocol);
        AnnouncedLength = framing.Length;
        Body = framing.CreateBody(exchange, _runtime.Deadlines);
        if (Body is not null)
        {
            Body.MaxSize = _runtime.MaxRequestBodySize;
            Body.MinDataRate = _runtime.MinRequestBodyDataRate;
        }

        var needsLighttpd = exchange.Protocol == GatewayProtocol.FastCgi && !_runtime.Options.AllowFastCgiUpgrade;
        CanUpgrade = Body is null && exchange.CanUpgrade && UpgradeRequest.Asks(Variables, needsLighttpd);
        var host = CgiOrigin.GetHost(Variables, _runtime.Options.AppendServerPort, _previousHost);
        _previousHost = host.Length <= MaxKeptText ? host : null;
        _requestHeaders.Load(host, framing.Length, CanUpgrade);
        if (_scheme == "https")
        {
            TlsFeatures.Add(this, Variables);
        }

        _started = _runtime is { Requests: null, Harakiri: { IsInUse: true } harakiri } ? harakiri.Now : 0;
        ResponseHeaders.Begin();
        ResponseBody = new ResponseBody(Response);
        Response.Begin(ResponseBody, exchange);
        _allowSynchronousIO = _runtime.AllowSynchronousIO;
    }

    /// <summary>The app is done: it reads and writes no more, and nothing cancels its token.</summary>
    public async Task EndAsync()
    {
        EndLifetime();
        if (IsUpgraded)
        {
            _runtime.LeaveUpgrade();
        }

        await (Body?.StopAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        await (_upgrade?.StopAsync() ?? Task.CompletedTask).ConfigureAwait(false);
    }

    /// <summary>Forgets the request.</summary>
    public void Reset()
    {
        Response.Release();
        ResponseHeaders.End();
        _requestHeaders?.Detach();
        _requestHeaders = null;
        _serverVariables?.Detach();
        _serverVariables = null;
        Variables.Clear();
        Forget();
    }

    private ServerVariables CreateServerVariables()
    {
        var variables = new ServerVariables(Variables, _variablesGate);
        if (_exchange is null)
        {
            // Who asks when the request is over gets nothing of the next one.
            variables.Detach();
            return variables;
        }

        return _serverVariables = variables;
    }

    private void EndLifetime()
    {
        lock (_lifetimeGate)
        {
            _isLifetimeOver = true;
            _lifetime?.End();
            _peerGone.Unregister();
        }
    }

    private void Forget()
    {
        ResetFeatures();
        lock (_lifetimeGate)
        {
            ResponseBody = null!;
            IsAborted = false;
            _isOverTime = false;
            _killed = default;
            _isLifetimeOver = false;
            _lifetime = null;
            _peerGone.Unregister();
            _peerGone = default;
        }

        Body = null;
        AnnouncedLength = null;
        IsUpgraded = false;
        Offload = null;
        HasThrown = false;
        IsStatic = false;
        _connection = null;
        _exchange = null;
        _upgrade = null;
        _modifier1 = 0;
        _modifier2 = 0;
        _method = _protocol = _rawTarget = _pathBase = _path = _queryString = _scheme = "";
        CanUpgrade = false;
        _isHead = false;
        _allowSynchronousIO = false;
        _statusCode = StatusCodes.Status200OK;
        _reasonPhrase = null;
        _isBufferingDisabled = false;
        _onStarting = null;
        _onCompleted = null;
        _headersReplaced = null;
        Watch = null;
        _started = 0;
        _bodyStream = null;
        _ownBodyStream = null;
        _bodyReader = null;
        _bodyReaderOf = null;
        _responseStream = null;
        _remote = _local = null;
        _traceIdentifier = null;
        _connectionId = null;
        _requestAborted = null;
    }

    private ReadOnlySpan<byte> ValidMethod()
    {
        var method = Variables[CgiVariable.RequestMethod];
        return !method.IsEmpty && CgiHeaderName.IsValid(method) ? method : throw new WireFormatException(WireError.InvalidMethod);
    }
}
