using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Uwsgi.Protocol.Benchmarks;

/// <summary>A short pass over the benchmarks that have a budget: it fails on bytes, never on time.</summary>
internal static class AllocationBudgets
{
    public const string Command = "budgets";

    /// <returns>The exit code: 0 where every budget was kept.</returns>
    public static int Check()
    {
        // In this process: what is measured has been built already, and another would be built for each benchmark. Short, and long enough
        // for what is compiled again to have been.
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithIterationTime(TimeInterval.FromMilliseconds(100)).WithWarmupCount(5).WithIterationCount(3))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddFilter(new SimpleFilter(benchmark => BudgetOf(benchmark) is not null))
            .AddLogger(NullLogger.Instance)
            .WithOptions(ConfigOptions.DisableLogFile);
        var kept = 0;
        var missed = 0;
        foreach (var summary in BenchmarkRunner.Run(typeof(AllocationBudgets).Assembly, config))
        {
            foreach (var benchmark in summary.BenchmarksCases)
            {
                var budget = BudgetOf(benchmark);
                var bytes = summary[benchmark]?.GcStats.GetBytesAllocatedPerOperation(benchmark);
                var isKept = summary[benchmark] is { Success: true } && bytes <= budget;
                Console.WriteLine($"{(isKept ? "ok    " : "FAILED")} {benchmark.Descriptor.Type.Name}.{benchmark.Descriptor.WorkloadMethod.Name}{benchmark.Parameters.DisplayInfo}: {bytes?.ToString(CultureInfo.InvariantCulture) ?? "?"} of {budget} B");
                kept += isKept ? 1 : 0;
                missed += isKept ? 0 : 1;
            }
        }

        return kept > 0 && missed == 0 ? 0 : 1;
    }

    private static long? BudgetOf(BenchmarkCase benchmark) => benchmark.Descriptor.WorkloadMethod.GetCustomAttribute<AllocationBudgetAttribute>()?.Bytes;
}
