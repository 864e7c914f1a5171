namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal sealed record Thing(int Id, string Name);
