using System.Text;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>What the app says in a request's line (uWSGI's logvars).</summary>
internal sealed class LogVariables
{
    private readonly Dictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    public void Set(string name, string value)
    {
        lock (_values)
        {
            _values[name] = Encoding.UTF8.GetBytes(value);
        }
    }

    /// <returns>The value; null where there is none.</returns>
    public byte[]? Find(string name)
    {
        lock (_values)
        {
            return _values.GetValueOrDefault(name);
        }
    }
}
