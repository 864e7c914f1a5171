using System.Collections;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Uwsgi.Protocol.Hosting;

/// <summary>
/// The addresses of both servers in one live list: the inner server's stay its own, ours stand behind them. What is added with one of our
/// schemes (<c>urls=http://localhost:5000;uwsgi://127.0.0.1:3031</c>) is kept from the inner server, which would not understand it.
/// </summary>
/// <remarks>
/// Ours are counted and enumerated from the start on: to hosting, a list that has addresses before is one whose <c>urls</c> and
/// <c>HTTP_PORTS</c> are not wanted.
/// </remarks>
internal sealed class GatewayAddressesFeature(IServerAddressesFeature? inner, GatewayListener listener)
    : IServerAddressesFeature, ICollection<string>
{
    private readonly List<string> _innerless = [];
    private readonly List<string> _requested = [];
    private string[]? _bound;
    private bool _isInnerSilent;

    ICollection<string> IServerAddressesFeature.Addresses => this;

    bool IServerAddressesFeature.PreferHostingUrls
    {
        get => inner?.PreferHostingUrls ?? false;
        set
        {
            if (inner is not null)
            {
                inner.PreferHostingUrls = value;
            }
        }
    }

    public int Count => Inner.Count + Own.Length;

    public bool IsReadOnly => _bound is not null || Inner.IsReadOnly;

    /// <summary>Our addresses that were asked for by URL.</summary>
    public IReadOnlyCollection<string> Requested => _requested;

    /// <summary>Whether addresses for HTTP were asked for.</summary>
    public bool IsHttpRequested => Inner.Count > 0;

    private ICollection<string> Inner => !_isInnerSilent && inner is not null ? inner.Addresses : _innerless;

    private string[] Own => _bound ?? [];

    /// <summary>From here on the list shows what is really listened on.</summary>
    public void SetBound(IEnumerable<string> addresses, bool isInnerSilent)
    {
        _bound = [.. addresses];
        _isInnerSilent = isInnerSilent;
    }

    public void Add(string item)
    {
        ThrowIfStarted();
        if (GatewayAddress.TryParseUrl(item, out _))
        {
            _requested.Add(item);
        }
        else
        {
            Inner.Add(item);
        }
    }

    public bool Remove(string item)
    {
        ThrowIfStarted();
        return _requested.Remove(item) || Inner.Remove(item);
    }

    public void Clear()
    {
        ThrowIfStarted();
        _requested.Clear();
        Inner.Clear();
    }

    public bool Contains(string item)
    {
        // Not Enumerable.Contains(): that asks a collection itself.
        foreach (var address in this)
        {
            if (address == item)
            {
                return true;
            }
        }

        return _bound is null && _requested.Contains(item);
    }

    public void CopyTo(string[] array, int arrayIndex)
    {
        // Not ToArray(): that asks a collection to copy itself.
        foreach (var address in this)
        {
            array[arrayIndex++] = address;
        }
    }

    public IEnumerator<string> GetEnumerator()
    {
        foreach (var address in Inner)
        {
            yield return _bound is null ? address : listener.Find(address)?.Address ?? address;
        }

        foreach (var address in Own)
        {
            yield return address;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void ThrowIfStarted()
    {
        if (_bound is not null)
        {
            throw new InvalidOperationException("IServerAddressesFeature.Addresses cannot be modified after the server has started.");
        }
    }
}
