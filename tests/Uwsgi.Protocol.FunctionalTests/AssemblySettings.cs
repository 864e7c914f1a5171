// The tests start servers, front ends and browsers: one after the other, or they measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
