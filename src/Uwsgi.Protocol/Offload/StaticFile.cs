using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Primitives;

namespace Uwsgi.Protocol.Offload;

/// <summary>One file, whose path is its prefix. What it is a link to is of its administrator's choice.</summary>
internal sealed class StaticFile(string path) : IFileProvider, IContentTypeProvider
{
    private readonly FileExtensionContentTypeProvider _contentTypes = new();

    public IFileInfo GetFileInfo(string subpath) => subpath.Length == 0 && RealPath.Of(path) is { } real
        ? new PhysicalFileInfo(new FileInfo(real))
        : new NotFoundFileInfo(subpath);

    public IDirectoryContents GetDirectoryContents(string subpath) => NotFoundDirectoryContents.Singleton;

    public IChangeToken Watch(string filter) => NullChangeToken.Singleton;

    public bool TryGetContentType(string subpath, [MaybeNullWhen(false)] out string contentType) =>
        _contentTypes.TryGetContentType(path, out contentType);
}
