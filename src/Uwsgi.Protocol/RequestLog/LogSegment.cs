using System.Text;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>A piece of a line: text, or a variable.</summary>
/// <param name="Variable">What it says.</param>
/// <param name="Text">The text itself, or the name of a variable that is told by one.</param>
internal readonly record struct LogSegment(LogVariable Variable, string Text = "")
{
    /// <summary>The same as bytes.</summary>
    public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(Text);
}
