using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

// The request's features that answer it: status, headers, body, abort, upgrade.
internal abstract partial class RequestContext :
    IHttpResponseFeature,
    IHttpResponseBodyFeature,
    IHttpRequestLifetimeFeature,
    IHttpUpgradeFeature,
    IResponseHead
{
    private readonly Lock _lifetimeGate = new();
    private int _statusCode = StatusCodes.Status200OK;
    private string? _reasonPhrase;
    private bool _isBufferingDisabled;
    private bool _isHead;
    private Stream? _responseStream;
    private Stack<(Func<object, Task> Callback, object State)>? _onStarting;
    private Stack<(Func<object, Task> Callback, object State)>? _onCompleted;
    private RequestLifetime? _lifetime;
    private UpgradeStream? _upgrade;
    private bool _isLifetimeOver;
    private CancellationToken? _requestAborted;
    private CancellationTokenRegistration _peerGone;

    int IHttpResponseFeature.StatusCode
    {
        get => _statusCode;
        set
        {
            ThrowIfStarted();
            _statusCode = value;
        }
    }

    string? IHttpResponseFeature.ReasonPhrase
    {
        get => _reasonPhrase;
        set
        {
            ThrowIfStarted();
            _reasonPhrase = value;
        }
    }

    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get => ResponseHeaders;
        set
        {
            ThrowIfStarted();
            KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>[] headers = [.. value];
            ResponseHeaders.Clear();
            foreach (var header in headers)
            {
                ResponseHeaders.Add(header);
            }
        }
    }

    [Obsolete("Use IHttpResponseBodyFeature.Stream instead.", error: false)]
    Stream IHttpResponseFeature.Body
    {
        get => ((IFeatureCollection)this).GetRequiredFeature<IHttpResponseBodyFeature>().Stream;
        set
        {
            IFeatureCollection features = this;
            features.Set<IHttpResponseBodyFeature>(
                new StreamResponseBodyFeature(value, features.GetRequiredFeature<IHttpResponseBodyFeature>()));
        }
    }

    bool IHttpResponseFeature.HasStarted => Response.HasStarted;

    Stream IHttpResponseBodyFeature.Stream => _responseStream ??= new ResponseBodyStream(ResponseBody, this);

    PipeWriter IHttpResponseBodyFeature.Writer => ResponseBody;

    /// <summary>Cancelled when the front end goes away or the app aborts.</summary>
    CancellationToken IHttpRequestLifetimeFeature.RequestAborted
    {
        get => _requestAborted ?? Lifetime.Token;
        set => _requestAborted = value;
    }

    bool IHttpUpgradeFeature.IsUpgradableRequest => CanUpgrade;

    int IResponseHead.StatusCode => _statusCode;

    string? IResponseHead.ReasonPhrase => _reasonPhrase;

    ResponseHeaders IResponseHead.Headers => ResponseHeaders;

    bool IResponseHead.IsHead => _isHead;

    /// <summary>Whether files and large memory leave from where they are.</summary>
    public bool HasDirectOutput => _exchange?.DirectOutput is not null;

    private RequestLifetime Lifetime
    {
        get
        {
            lock (_lifetimeGate)
            {
                if (_lifetime is null)
                {
                    _lifetime = new RequestLifetime();
                    if (IsAborted || IsOverTime)
                    {
                        _lifetime.Cancel();
                    }
                    else if (_isLifetimeOver)
                    {
                        _lifetime.End();
                    }
                    else if (_connection is not null && !IsHalfCloseIgnored)
                    {
                        _peerGone = _connection.ConnectionClosed.UnsafeRegister(
                            static state => ((RequestLifetime)state!).Cancel(), _lifetime);
                    }
                }

                return _lifetime;
            }
        }
    }

    private bool IsHalfCloseIgnored => _runtime.Options.HalfClose switch
    {
        PeerHalfClose.Ignored => true,
        PeerHalfClose.Aborts => false,
        _ => Variables[CgiVariable.ServerSoftware].StartsWith("lighttpd"u8),
    };

    void IHttpResponseFeature.OnStarting(Func<object, Task> callback, object state)
    {
        ThrowIfStarted();
        (_onStarting ??= new()).Push((callback, state));
    }

    void IHttpResponseFeature.OnCompleted(Func<object, Task> callback, object state) => OnCompleted(callback, state);

    void IHttpResponseBodyFeature.DisableBuffering()
    {
        if (!Response.HasStarted)
        {
            _isBufferingDisabled = true;
        }
    }

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Response.StartAsync(ResponseBody);
    }

    async Task IHttpResponseBodyFeature.CompleteAsync()
    {
        // Whoever does not wait for this is not to complete the next request's response.
        var (owner, exchange) = (ResponseBody, _exchange);
        await Response.StartAsync(owner).ConfigureAwait(false);
        if (Response.IsShort)
        {
            throw new InvalidOperationException("Response Content-Length mismatch: too few bytes written.");
        }

        await Response.CompleteAsync(owner).ConfigureAwait(false);
        exchange?.OnResponseCompleted(isAppAtWork: true);
    }

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
        ResponseFile.SendAsync(this, path, offset, count, cancellationToken);

    void IHttpRequestLifetimeFeature.Abort()
    {
        // What was ended in the app's place has its answer on the way, which an abort would take back.
        if (!IsKilled)
        {
            _exchange?.Abort(EndReason.AppAborted);
        }
    }

    async Task<Stream> IHttpUpgradeFeature.UpgradeAsync()
    {
        if (!CanUpgrade)
        {
            throw new InvalidOperationException("Cannot upgrade a non-upgradable request. Check IHttpUpgradeFeature.IsUpgradableRequest.");
        }

        if (IsUpgraded)
        {
            throw new InvalidOperationException("IHttpUpgradeFeature.UpgradeAsync was already called and can only be called once per request.");
        }

        if (Response.HasStarted)
        {
            throw new InvalidOperationException("The response has started: the request cannot be upgraded any more.");
        }

        if (!_runtime.TryEnterUpgrade())
        {
            throw new InvalidOperationException("Request cannot be upgraded because the server has already opened the maximum number of upgraded connections.");
        }

        IsUpgraded = true;
        _statusCode = StatusCodes.Status101SwitchingProtocols;
        _reasonPhrase = null;
        ResponseHeaders[HeaderNames.Connection] = HeaderNames.Upgrade;
        var stream = new UpgradeStream(_exchange!.Input, _exchange.Output);
        lock (_lifetimeGate)
        {
            _upgrade = stream;
            if (IsAborted)
            {
                stream.Abort();
            }
        }

        await Response.UpgradeAsync(ResponseBody).ConfigureAwait(false);
        return stream;
    }

    /// <summary>Whether the app has been told that nobody waits for it.</summary>
    public bool IsAbortSignaled => IsAborted || IsOverTime || _lifetime?.Token.IsCancellationRequested == true;

    /// <summary>Whatever the app does now is for nothing: tells it so.</summary>
    /// <param name="owner">The request's <see cref="ResponseBody"/>: an abort that comes late is not the next request's.</param>
    public void OnAborted(ResponseBody? owner)
    {
        UpgradeStream? upgrade;
        lock (_lifetimeGate)
        {
            if (owner is null || !ReferenceEquals(owner, ResponseBody))
            {
                return;
            }

            IsAborted = true;
            upgrade = _upgrade;
        }

        // Before the app is told: what it writes then goes nowhere.
        Response.Abort(owner);
        upgrade?.Abort();
        lock (_lifetimeGate)
        {
            if (ReferenceEquals(owner, ResponseBody))
            {
                _lifetime?.Cancel();
            }
        }
    }

    void IResponseHead.OnComplete() => EndLifetime();

    public async Task FireOnStartingAsync()
    {
        // Last in, first out; a callback may add another.
        var callbacks = _onStarting;
        while (callbacks is { Count: > 0 })
        {
            var (callback, state) = callbacks.Pop();
            await callback(state).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the app wants to hear of the end of its request.</summary>
    public bool HasCompletionCallbacks => _onCompleted is { Count: > 0 };

    public async Task FireOnCompletedAsync()
    {
        while (_onCompleted is { Count: > 0 } callbacks)
        {
            var (callback, state) = callbacks.Pop();
            try
            {
                await callback(state).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                _runtime.Log.ApplicationError(ConnectionId, TraceIdentifier, e);
            }
        }
    }

    public string ConnectionId => ((IHttpConnectionFeature)this).ConnectionId;

    public string TraceIdentifier => ((IHttpRequestIdentifierFeature)this).TraceIdentifier;

    /// <summary>The status that hosting logs, where nobody will see a response.</summary>
    public void SetStatusForLog(int statusCode) => _statusCode = statusCode;

    /// <summary>Replaces a response that has not left by an empty one of the given status.</summary>
    public bool TryReplaceResponse(int statusCode)
    {
        if (!Response.TryDiscard())
        {
            return false;
        }

        _onStarting = null;
        _statusCode = statusCode;
        return true;
    }

    void IResponseHead.Reset()
    {
        ResponseHeaders.Begin();
        _statusCode = StatusCodes.Status200OK;
        _reasonPhrase = null;
    }

    void IResponseHead.WriteImplicitHeaders(ref ResponseHeadWriter writer)
    {
        if (!ResponseHeaders.ContainsKey(HeaderNames.Date))
        {
            writer.WriteLines(_runtime.Date.Line);
        }

        if (_runtime.AddServerHeader && !ResponseHeaders.ContainsKey(HeaderNames.Server))
        {
            writer.WriteLines("Server: Kestrel\r\n"u8);
        }

        if (_isBufferingDisabled && !ResponseHeaders.ContainsKey("X-Accel-Buffering"))
        {
            // nginx would keep a stream of events to itself until a buffer is full.
            writer.WriteLines("X-Accel-Buffering: no\r\n"u8);
        }
    }

    void IResponseHead.OnLargeHead(int size) => _runtime.OnLargeHead(ConnectionId, size);

    private void OnCompleted(Func<object, Task> callback, object state) => (_onCompleted ??= new()).Push((callback, state));

    private void ThrowIfStarted()
    {
        if (Response.HasStarted)
        {
            throw new InvalidOperationException("The response headers cannot be modified because the response has already started.");
        }
    }
}
