namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>The route does not lead further. What was seen until then is the answer.</summary>
internal sealed class CaseEndedException : Exception;
