using System.Text;

namespace Uwsgi.Protocol.Ini;

/// <summary>The configuration as uWSGI shows it: a file that says the same.</summary>
internal sealed class ConfigurationListing(UwsgiSection section, TextWriter output)
{
    private const string Option = "show-config";

    /// <summary>Shows it.</summary>
    public void Write()
    {
        var text = new StringBuilder(";uWSGI instance configuration\n[uwsgi]\n");
        foreach (var setting in section.Settings.Where(static setting => setting.Name != Option))
        {
            if (setting.Option is { Role: UwsgiOptionRole.Kept, Note: var note } && !setting.IsOff)
            {
                text.Append(null, $"; {setting.Name} {note}\n");
            }

            foreach (var value in setting.Option is { Kind: not UwsgiOptionKind.List } ? [setting.Values[^1]] : setting.Values)
            {
                text.Append(null, $"{setting.Name} = {value}\n");
            }
        }

        output.Write(text.Append(null, $"{Option} = true\n;end of configuration\n"));
        output.Flush();
    }
}
