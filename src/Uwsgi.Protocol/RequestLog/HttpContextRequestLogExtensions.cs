using Uwsgi.Protocol.RequestLog;

namespace Microsoft.AspNetCore.Http;

/// <summary>What an app may say in the request log.</summary>
public static class HttpContextRequestLogExtensions
{
    /// <summary>
    /// Sets what <c>%(name)</c> in <c>UwsgiRequestLogOptions.Format</c> stands for in this request's line (uWSGI's <c>set_logvar</c>). Where the request log is
    /// not used, nobody reads it.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The name. Those that uWSGI knows are not the app's to set.</param>
    /// <param name="value">The value; control characters, quotes and backslashes in it are escaped.</param>
    public static void SetUwsgiLogVariable(this HttpContext context, string name, string value)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        var variables = context.Features.Get<ILogVariablesFeature>();
        if (variables is null)
        {
            context.Features.Set(variables = new LogVariables());
        }

        variables.Set(name, value);
    }
}
