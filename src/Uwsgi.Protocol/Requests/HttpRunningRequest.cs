using System.Buffers;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Requests;

/// <summary>
/// A request that came by HTTP. What others may ask for while it runs is kept before the app can change it, and made into variables when
/// somebody does. Used again and again.
/// </summary>
internal sealed class HttpRunningRequest : IRunningRequest
{
    private readonly List<KeyValuePair<string, StringValues>> _headers = [];
    private readonly List<KeyValuePair<string, string>> _pairs = [];
    private readonly ArrayBufferWriter<byte> _block = new();
    private readonly CgiVariables _variables = new();
    private bool _isLoaded;
    private HttpContext _context = null!;
    private CountingResponseBody _body = null!;
    private IHttpResponseFeature _response = null!;
    private RequestTable _table = null!;
    private RequestSlot _slot = null!;
    private string _method = "";
    private string _protocol = "";
    private string _scheme = "";
    private string _target = "";
    private string _pathBase = "";
    private string _path = "";
    private string _query = "";
    private (IPAddress? Address, int Port) _remote;
    private (IPAddress? Address, int Port) _local;

    public GatewayProtocol? Protocol => null;

    public CgiVariables Variables
    {
        get
        {
            if (!_isLoaded)
            {
                Load();
                _isLoaded = true;
            }

            return _variables;
        }
    }

    public bool IsStatic { get; set; }

    public IFeatureCollection Features => _context.Features;

    private long BodySize => HttpMethods.IsHead(_method) ? 0 : _body.Written;

    /// <summary>The request begins.</summary>
    public void Enter(HttpContext context, RequestTable table)
    {
        _context = context;
        _table = table;
        var request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        (_method, _protocol, _scheme, _target) = (request.Method, request.Protocol, request.Scheme, request.RawTarget);
        (_pathBase, _path, _query) = (request.PathBase, request.Path, request.QueryString);
        foreach (var header in request.Headers)
        {
            _headers.Add(header);
        }

        if (context.Features.Get<IHttpConnectionFeature>() is { } connection)
        {
            _remote = (connection.RemoteIpAddress, connection.RemotePort);
            _local = (connection.LocalIpAddress, connection.LocalPort);
        }

        _body = new CountingResponseBody(context.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        _response = context.Features.GetRequiredFeature<IHttpResponseFeature>();
        context.Features.Set<IHttpResponseBodyFeature>(_body);
        context.Features.Set<IRunningRequest>(this);
        _slot = table.Enter(this);
    }

    /// <summary>
    /// It has been ended in its handler's place, which is still at work on it, and may never come back: its end is told now. Called on another thread
    /// than its own, and never when it has left.
    /// </summary>
    public void TellEnd()
    {
        // The headers are the app's until they are sent, and its features for good.
        var hasStarted = _response.HasStarted;
        _table.TellEnd(_slot, this, features: null, new RequestOutcome
        {
            Reason = EndReason.Harakiri,
            StatusCode = _response.StatusCode,
            HeaderCount = hasStarted ? _response.Headers.Count : 0,
            HeadSize = hasStarted ? HeadSize(_response.StatusCode, _response.Headers) : 0,
            BodySize = BodySize,
            IsStatic = IsStatic,
        });
    }

    /// <summary>The app is done with it.</summary>
    /// <param name="failure">What the app threw.</param>
    public void Leave(Exception? failure) => _table.Leave(_slot, this, End(failure));

    private RequestOutcome End(Exception? failure)
    {
        _context.Features.Set(_body.Inner);
        _context.Features.Set<IRunningRequest>(null);
        var response = _context.Response;
        var isAborted = failure is OperationCanceledException or IOException && _context.RequestAborted.IsCancellationRequested;
        var isBad = failure is BadHttpRequestException;

        // As the server will answer it.
        var statusCode = failure is null || response.HasStarted ? response.StatusCode
            : isAborted ? StatusCodes.Status499ClientClosedRequest
            : (failure as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError;
        return new RequestOutcome
        {
            Reason = isAborted ? (Features.Get<IHarakiriFeature>() is { IsTriggered: true } ? EndReason.Harakiri : EndReason.PeerGone)
                : failure is not null && response.HasStarted ? EndReason.AppFailed
                : statusCode == StatusCodes.Status101SwitchingProtocols ? EndReason.Upgraded
                : EndReason.Completed,
            StatusCode = statusCode,
            HeaderCount = response.Headers.Count,
            HeadSize = HeadSize(response.StatusCode, response.Headers),
            BodySize = BodySize,
            IsStatic = IsStatic,
            HasThrown = failure is not null && !isAborted && !isBad || (statusCode >= 500 && Features.Get<IExceptionHandlerFeature>() is not null),
            HasReadError = isBad,
            HasWriteError = isAborted,
        };
    }

    public void Reset()
    {
        _headers.Clear();
        _pairs.Clear();
        _block.ResetWrittenCount();
        _variables.Clear();
        _isLoaded = false;
        _context = null!;
        _body = null!;
        _response = null!;
        _table = null!;
        _slot = null!;
        IsStatic = false;
        _method = _protocol = _scheme = _target = _pathBase = _path = _query = "";
        _remote = _local = default;
    }

    // What the server adds to it by itself is not in it.
    private static int HeadSize(int statusCode, IHeaderDictionary headers)
    {
        const int LineBreak = 2;
        var size = "HTTP/1.1 200 ".Length + ReasonPhrases.GetReasonPhrase(statusCode).Length + LineBreak + LineBreak;
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                size += name.Length + ": ".Length + (value?.Length ?? 0) + LineBreak;
            }
        }

        return size;
    }

    /// <summary>As a front end would send them.</summary>
    private void Load()
    {
        Add("REQUEST_METHOD", _method);
        Add("REQUEST_URI", _target.Length > 0 ? _target : _pathBase + _path + _query);
        Add("SCRIPT_NAME", _pathBase);
        Add("PATH_INFO", _path);
        Add("QUERY_STRING", _query.StartsWith('?') ? _query[1..] : _query);
        Add("SERVER_PROTOCOL", _protocol);
        Add("REQUEST_SCHEME", _scheme);
        if (_scheme == "https")
        {
            Add("HTTPS", "on");
        }

        AddAddress("REMOTE_ADDR", "REMOTE_PORT", _remote);
        AddAddress("SERVER_ADDR", "SERVER_PORT", _local);
        foreach (var (name, values) in _headers)
        {
            Add(VariableOf(name), values.ToString());
        }

        FastCgiNameValueWriter.Write(_block, _pairs);
        _variables.LoadFastCgi(new ReadOnlySequence<byte>(_block.WrittenMemory), maxCount: int.MaxValue);
    }

    private static string VariableOf(string header) =>
        header.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) ? "CONTENT_TYPE"
        : header.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? "CONTENT_LENGTH"
        : "HTTP_" + header.Replace('-', '_').ToUpperInvariant();

    private void Add(string name, string value) => _pairs.Add(new(name, value));

    private void AddAddress(string name, string portName, (IPAddress? Address, int Port) end)
    {
        if (end.Address is { } address)
        {
            Add(name, (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
            Add(portName, end.Port.ToString(CultureInfo.InvariantCulture));
        }
    }
}
