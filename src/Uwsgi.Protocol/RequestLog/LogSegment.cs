using System.Text;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>A piece of a line: text, or a variable.</summary>
/// <param name="variable">What it says.</param>
/// <param name="text">The text itself, or the name of a variable that is told by one.</param>
internal sealed class LogSegment(LogVariable variable, string text = "")
{
    public LogVariable Variable => variable;

    public string Text => text;

    /// <summary>The text as bytes.</summary>
    public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(text);
}
