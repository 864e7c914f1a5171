using Microsoft.AspNetCore.Http;

namespace Uwsgi.Protocol.Http;

/// <summary>The length of a response's body: what the app has announced, and what it has written so far.</summary>
internal sealed class ResponseLength(IResponseHead head)
{
    private readonly IResponseHead _head = head;
    private long? _announced;

    /// <summary>Whether the app can change no more what it has announced.</summary>
    public bool IsFixed { get; private set; }

    /// <summary>The body's bytes so far, as the app counts them.</summary>
    public long Written { get; private set; }

    /// <summary>Whether any of them leave; known when the length is fixed.</summary>
    public bool HasBody { get; private set; }

    /// <summary>Whether the app has written all that it announced.</summary>
    public bool IsReached => HasBody && _announced == Written;

    /// <summary>Whether the app wrote less than it announced.</summary>
    public bool IsShort => IsFixed ? HasBody && _announced > Written : CanHaveBody && _head.Headers.ContentLength > Written;

    /// <summary>The length, when all is written and the app has not announced it; null where the front end is told none.</summary>
    public long? Unannounced => HasBody && _announced is null ? Written : null;

    private bool CanHaveBody => !_head.IsHead && !IsWithoutBody(_head.StatusCode);

    /// <summary>The app's headers and status are as they will leave.</summary>
    public void Fix()
    {
        IsFixed = true;
        _announced = _head.Headers.ContentLength;
        HasBody = CanHaveBody;
    }

    /// <summary>Whether so many bytes more are all that is missing.</summary>
    public bool IsRest(long bytes) => HasBody && _announced == Written + bytes;

    /// <summary>Counts bytes of the app's.</summary>
    /// <exception cref="InvalidOperationException">They are too many.</exception>
    public void Count(long bytes)
    {
        ThrowIfTooMany(bytes);
        Written += bytes;
    }

    /// <exception cref="InvalidOperationException">So many bytes more are too many.</exception>
    public void ThrowIfTooMany(long bytes)
    {
        if (IsWithoutBody(_head.StatusCode))
        {
            throw new InvalidOperationException($"Writing to the response body is invalid for responses with status code {_head.StatusCode}.");
        }

        var announced = IsFixed ? _announced : _head.Headers.ContentLength;
        if (announced < Written + bytes && !_head.IsHead)
        {
            throw new InvalidOperationException($"Response Content-Length mismatch: too many bytes written ({Written + bytes} of {announced}).");
        }
    }

    /// <summary>What was written does not leave: another answer does, without a body.</summary>
    public void Drop()
    {
        HasBody = false;
        Written = 0;
    }

    public void Reset()
    {
        Drop();
        IsFixed = false;
        _announced = null;
    }

    private static bool IsWithoutBody(int statusCode) =>
        statusCode is (>= 100 and < 200) or StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified;
}
