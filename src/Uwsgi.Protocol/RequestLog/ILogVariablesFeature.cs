namespace Uwsgi.Protocol.RequestLog;

/// <summary>What the app says in a request's line, which another thread may be writing.</summary>
internal interface ILogVariablesFeature
{
    void Set(string name, string value);

    /// <returns>The value; null where there is none.</returns>
    byte[]? Find(string name);
}
