using System.Runtime.CompilerServices;

namespace Uwsgi.Protocol.Offload;

/// <summary>Goes on on a thread that sends files; on the pool where there is none.</summary>
internal readonly struct OffloadThreadAwaitable(OffloadThread? thread, bool isTurnOver) : INotifyCompletion
{
    /// <summary>Goes on on a thread of the pool's.</summary>
    public static OffloadThreadAwaitable Pool => new(thread: null, isTurnOver: true);

    /// <summary>Whether there is nothing to wait for: who is on the thread stays there, until its turn is over.</summary>
    public bool IsCompleted => !isTurnOver && thread is not null && OffloadThread.Current == thread;

    public OffloadThreadAwaitable GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation)
    {
        if (thread is not null)
        {
            thread.Post(continuation);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(static continuation => continuation(), continuation, preferLocal: false);
        }
    }
}
