namespace Uwsgi.Protocol.Benchmarks;

/// <summary>What a benchmark may allocate. Times depend on the machine and what else it does; this does not.</summary>
/// <param name="bytes">The most bytes an operation may allocate.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AllocationBudgetAttribute(long bytes) : Attribute
{
    public long Bytes => bytes;
}
