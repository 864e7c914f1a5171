using System.Runtime.Versioning;

// The tests start servers, front ends and browsers: one after the other, or they measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

// Where the front ends live.
[assembly: SupportedOSPlatform("linux")]
