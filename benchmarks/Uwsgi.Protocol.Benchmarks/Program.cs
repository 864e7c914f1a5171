using BenchmarkDotNet.Running;
using Uwsgi.Protocol.Benchmarks;

if (args is [AllocationBudgets.Command])
{
    return AllocationBudgets.Check();
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
