using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

/// <summary>Every raw variable, as under IIS: <c>context.GetServerVariable("DOCUMENT_ROOT")</c>. What the app sets is its own.</summary>
internal sealed class ServerVariables(CgiVariables variables, Lock gate) : IServerVariablesFeature
{
    private const int MaxStackName = 256;

    private Dictionary<string, string?>? _set;
    private bool _isDetached;

    public string? this[string variableName]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(variableName);
            lock (gate)
            {
                return _set is not null && _set.TryGetValue(variableName, out var value) ? value
                    : _isDetached ? null
                    : Find(variableName);
            }
        }

        set
        {
            ArgumentNullException.ThrowIfNull(variableName);
            lock (gate)
            {
                (_set ??= new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase))[variableName] = value;
            }
        }
    }

    /// <summary>The request has ended: its variables are another's from here on.</summary>
    public void Detach()
    {
        lock (gate)
        {
            _isDetached = true;
        }
    }

    private string? Find(string name)
    {
        // Names are upper case on the wire but for what SetEnv and fastcgi_param users invent.
        if (name.Length > MaxStackName)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[MaxStackName];
        if (!Encoding.ASCII.TryGetBytes(name, bytes, out var length))
        {
            return null;
        }

        for (var i = variables.Count - 1; i >= 0; i--)
        {
            if (Ascii.EqualsIgnoreCase(variables.GetName(i), bytes[..length]))
            {
                var value = variables.GetValue(i);
                return (System.Text.Unicode.Utf8.IsValid(value) ? Encoding.UTF8 : Encoding.Latin1).GetString(value);
            }
        }

        return null;
    }
}
