using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Uwsgi.Protocol.ContractApp.Hosting;

/// <summary>Serves <c>_framework/blazor.web.js</c> from the assembly that embeds it, read as data, never loaded.</summary>
internal static class BlazorScript
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var script = new Lazy<byte[]>(Read);
        routes.MapGet("/_framework/blazor.web.js", () => Results.Bytes(script.Value, "text/javascript"));
    }

    private static byte[] Read()
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "blazor", "script.dll")));
        var metadata = file.GetMetadataReader();
        foreach (var handle in metadata.ManifestResources)
        {
            var resource = metadata.GetManifestResource(handle);
            if (metadata.GetString(resource.Name).EndsWith("blazor.web.js", StringComparison.Ordinal))
            {
                var resources = file.GetSectionData(file.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress);
                var reader = resources.GetReader((int)resource.Offset, resources.Length - (int)resource.Offset);
                return reader.ReadBytes(reader.ReadInt32());
            }
        }

        throw new InvalidOperationException("The assembly does not embed blazor.web.js.");
    }
}
