using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>Which requests are logged.</summary>
internal sealed class LogFilter(UwsgiRequestLogOptions options)
{
    private readonly bool _all = options.LogAll;
    private readonly bool _empty = options.LogEmpty;
    private readonly bool _4xx = options.Log4xx;
    private readonly bool _5xx = options.Log5xx;
    private readonly bool _errors = options.LogErrors;
    private readonly TimeSpan _slow = options.LogSlowerThan ?? TimeSpan.MaxValue;
    private readonly long _large = options.LogLargerThan ?? long.MaxValue;

    public bool Passes(in EndedRequest request, int status) =>
        _all
        || (_empty && request.Outcome.BodySize == 0)
        || (_4xx && status is >= 400 and < 500)
        || (_5xx && status is >= 500 and < 600)
        || (_errors && (request.Outcome.HasReadError || request.Outcome.HasWriteError))
        || request.Duration >= _slow
        || request.Outcome.BodySize >= _large;
}
