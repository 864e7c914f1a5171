using System.Globalization;
using Uwsgi.Protocol.Diagnostics;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>
/// The thread that a handler began on, and holds until it first waits. .NET has no way to see another thread's managed stack from inside the
/// process; what the system says of it is what uWSGI's harakiri-verbose prints.
/// </summary>
internal readonly struct ThreadTrace
{
    private readonly Thread? _thread;
    private readonly int _id;

    private ThreadTrace(Thread thread, int id) => (_thread, _id) = (thread, id);

    public static ThreadTrace OfCurrent() => new(Thread.CurrentThread, OperatingSystem.IsLinux() ? Libc.GetThreadId() : 0);

    /// <summary>Some lines, each begun by its end of line.</summary>
    public string Describe()
    {
        if (_thread is null)
        {
            return "\nHARAKIRI: -- thread> none that is known: the handler waits, or has gone on somewhere else";
        }

        var name = PrintableText.WithSpaces(_thread.Name ?? "");
        return string.Create(CultureInfo.InvariantCulture, $"\nHARAKIRI: -- thread> {_thread.ManagedThreadId} \"{name}\" (tid: {_id}, {_thread.ThreadState})")
            + OfSystem("syscall") + OfSystem("wchan");
    }

    private string OfSystem(string file)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{_id}/{file}"));
            return $"\nHARAKIRI: -- {file}> {PrintableText.WithSpaces(text.Trim())}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not for everybody, nor on every system.
            return "";
        }
    }
}
