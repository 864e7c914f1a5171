using System.Text;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>What the app says in a request's line (uWSGI's logvars).</summary>
internal sealed class LogVariables : ILogVariablesFeature
{
    private readonly Dictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    public void Set(string name, string value)
    {
        lock (_values)
        {
            _values[name] = Encoding.UTF8.GetBytes(value);
        }
    }

    public byte[]? Find(string name)
    {
        lock (_values)
        {
            return _values.GetValueOrDefault(name);
        }
    }
}
