using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

// The request's features that describe it: mostly a line a member.
internal abstract partial class RequestContext :
    IHttpRequestFeature,
    IHttpRequestBodyDetectionFeature,
    IRequestBodyPipeFeature,
    IHttpConnectionFeature,
    IHttpRequestIdentifierFeature,
    IHttpBodyControlFeature,
    IHttpMaxRequestBodySizeFeature,
    IHttpMinRequestBodyDataRateFeature,
    IGatewayRequestFeature
{
    private byte _modifier1;
    private byte _modifier2;
    private string _method = "";
    private string _protocol = "";
    private string _rawTarget = "";
    private string _pathBase = "";
    private string _path = "";
    private string _queryString = "";
    private string _scheme = "";
    private bool _allowSynchronousIO;
    private IHeaderDictionary? _headersReplaced;
    private Stream? _bodyStream;
    private Stream? _ownBodyStream;
    private PipeReader? _bodyReader;
    private Stream? _bodyReaderOf;
    private (IPAddress? Address, int Port)? _remote;
    private (IPAddress? Address, int Port)? _local;
    private string? _traceIdentifier;
    private string? _connectionId;

    string IHttpRequestFeature.Protocol { get => _protocol; set => _protocol = value; }

    string IHttpRequestFeature.Scheme { get => _scheme; set => _scheme = value; }

    string IHttpRequestFeature.Method { get => _method; set => _method = value; }

    string IHttpRequestFeature.PathBase { get => _pathBase; set => _pathBase = value; }

    string IHttpRequestFeature.Path { get => _path; set => _path = value; }

    string IHttpRequestFeature.QueryString { get => _queryString; set => _queryString = value; }

    string IHttpRequestFeature.RawTarget { get => _rawTarget; set => _rawTarget = value; }

    IHeaderDictionary IHttpRequestFeature.Headers { get => _headersReplaced ?? _requestHeaders ?? throw Ended(); set => _headersReplaced = value; }

    Stream IHttpRequestFeature.Body
    {
        get => _bodyStream ??= _ownBodyStream = Body is null ? Stream.Null : new RequestBodyStream(Body, this);
        set => _bodyStream = value;
    }

    bool IHttpRequestBodyDetectionFeature.CanHaveBody => Body is not null;

    /// <summary>The body's reader; of the stream that a middleware has put in its place, where one has.</summary>
    PipeReader IRequestBodyPipeFeature.Reader
    {
        get
        {
            if (_bodyStream is null || ReferenceEquals(_bodyStream, _ownBodyStream))
            {
                return Body ?? (_bodyReader ??= PipeReader.Create(Stream.Null));
            }

            if (!ReferenceEquals(_bodyReaderOf, _bodyStream))
            {
                _bodyReaderOf = _bodyStream;
                var reader = PipeReader.Create(_bodyStream, new StreamPipeReaderOptions(leaveOpen: true));
                _bodyReader = reader;
                OnCompleted(static state => ((PipeReader)state).CompleteAsync().AsTask(), reader);
            }

            return _bodyReader!;
        }
    }

    string IHttpConnectionFeature.ConnectionId
    {
        get => _connectionId ?? _connection?.ConnectionId ?? "";
        set => _connectionId = value;
    }

    IPAddress? IHttpConnectionFeature.RemoteIpAddress
    {
        get => Remote.Address;
        set => _remote = (value, Remote.Port);
    }

    int IHttpConnectionFeature.RemotePort
    {
        get => Remote.Port;
        set => _remote = (Remote.Address, value);
    }

    IPAddress? IHttpConnectionFeature.LocalIpAddress
    {
        get => Local.Address;
        set => _local = (value, Local.Port);
    }

    int IHttpConnectionFeature.LocalPort
    {
        get => Local.Port;
        set => _local = (Local.Address, value);
    }

    string IHttpRequestIdentifierFeature.TraceIdentifier
    {
        get => _traceIdentifier ??= NewTraceIdentifier();
        set => _traceIdentifier = value;
    }

    bool IHttpBodyControlFeature.AllowSynchronousIO { get => _allowSynchronousIO; set => _allowSynchronousIO = value; }

    bool IHttpMaxRequestBodySizeFeature.IsReadOnly => Body?.HasStarted == true || IsUpgraded;

    long? IHttpMaxRequestBodySizeFeature.MaxRequestBodySize
    {
        get => Body is null ? _runtime.MaxRequestBodySize : Body.MaxSize;
        set
        {
            if (Body?.HasStarted == true)
            {
                throw new InvalidOperationException("The maximum request body size cannot be modified after the app has already started reading from the request body.");
            }

            ArgumentOutOfRangeException.ThrowIfNegative(value ?? 0, nameof(value));
            if (Body is not null)
            {
                Body.MaxSize = value;
            }
        }
    }

    MinDataRate? IHttpMinRequestBodyDataRateFeature.MinDataRate
    {
        get => Body is null ? _runtime.MinRequestBodyDataRate : Body.MinDataRate;
        set
        {
            if (Body is not null)
            {
                Body.MinDataRate = value;
            }
        }
    }

    GatewayProtocol IGatewayRequestFeature.Protocol => _exchange?.Protocol ?? default;

    byte IGatewayRequestFeature.Modifier1 => _modifier1;

    byte IGatewayRequestFeature.Modifier2 => _modifier2;

    FastCgiRole IGatewayRequestFeature.Role => (_exchange as FastCgiRequest)?.Role ?? FastCgiRole.Responder;

    ushort IGatewayRequestFeature.RequestId => (_exchange as FastCgiRequest)?.Id ?? 0;

    private (IPAddress? Address, int Port) Remote =>
        _remote ??= (Address(CgiVariable.RemoteAddress), Port(CgiVariable.RemotePort));

    private (IPAddress? Address, int Port) Local =>
        _local ??= (Address(CgiVariable.ServerAddress), Port(CgiVariable.ServerPort));

    // As Kestrel forms it.
    private string NewTraceIdentifier()
    {
        var number = _exchange?.Number ?? 0;
        return _connection is IDirectConnection direct ? direct.CreateRequestId(number) : $"{_connection?.ConnectionId}:{number:X8}";
    }

    private static ObjectDisposedException Ended() => new(nameof(HttpRequest), "The request has ended.");

    /// <summary>An address, bare or in brackets; "unix:" and nothing are null.</summary>
    private IPAddress? Address(CgiVariable variable) =>
        IPAddress.TryParse(Encoding.ASCII.GetString(Variables[variable].Trim("[]"u8)), out var address) ? address : null;

    private int Port(CgiVariable variable) =>
        ushort.TryParse(Variables[variable], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;
}
