namespace Uwsgi.Protocol.Ini;

/// <summary>An option as it is written. One without an equals sign has an empty value, which is "true" where truth is asked for.</summary>
internal readonly record struct IniAssignment(string Key, string Value, IniPosition Position);
