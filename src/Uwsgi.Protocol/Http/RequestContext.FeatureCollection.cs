using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace Uwsgi.Protocol.Http;

// The request is its own feature collection: a slot for each feature that every request has, a list for the rest,
// the connection's features behind that. What has a slot is never the connection's: its TLS is the front end's, not the client's.
internal abstract partial class RequestContext : IFeatureCollection
{
    // Stands for the server variables until somebody asks for them.
    private static readonly object Unasked = new();

    private readonly object?[] _slots = new object?[FeatureSlots.All.Length];
    private List<KeyValuePair<Type, object>>? _others;
    private int _revision;

    bool IFeatureCollection.IsReadOnly => false;

    int IFeatureCollection.Revision => _revision;

    object? IFeatureCollection.this[Type key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            var index = FeatureSlots.IndexOf(key);
            return index >= 0 ? GetSlot(index) : FindOther(key) ?? ConnectionFeatures?[key];
        }

        set
        {
            ArgumentNullException.ThrowIfNull(key);
            Set(FeatureSlots.IndexOf(key), key, value);
        }
    }

    TFeature? IFeatureCollection.Get<TFeature>()
        where TFeature : default
    {
        var index = FeatureSlots.For<TFeature>.Index;
        return (TFeature?)(index >= 0
            ? GetSlot(index)
            : FindOther(typeof(TFeature)) ?? ConnectionFeatures?[typeof(TFeature)]);
    }

    void IFeatureCollection.Set<TFeature>(TFeature? instance)
        where TFeature : default => Set(FeatureSlots.For<TFeature>.Index, typeof(TFeature), instance);

    IEnumerator<KeyValuePair<Type, object>> IEnumerable<KeyValuePair<Type, object>>.GetEnumerator()
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            if (GetSlot(i) is { } feature)
            {
                yield return new(FeatureSlots.All[i], feature);
            }
        }

        if (_others is not null)
        {
            foreach (var other in _others)
            {
                yield return other;
            }
        }

        foreach (var (key, feature) in ConnectionFeatures ?? Enumerable.Empty<KeyValuePair<Type, object>>())
        {
            if (FeatureSlots.IndexOf(key) < 0 && FindOther(key) is null)
            {
                yield return new(key, feature);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<KeyValuePair<Type, object>>)this).GetEnumerator();

    /// <summary>Every feature as it is before anybody has touched it.</summary>
    private void ResetFeatures()
    {
        var own = FeatureSlots.OwnCount;
        Array.Fill(_slots, this, 0, own);
        Array.Clear(_slots, own, _slots.Length - own);
        SetSlot<IServerVariablesFeature>(Unasked);
        _others = null;
        _revision++;
    }

    private void SetSlot<TFeature>(object? feature) => _slots[FeatureSlots.For<TFeature>.Index] = feature;

    private object? GetSlot(int index)
    {
        var feature = _slots[index];
        return ReferenceEquals(feature, Unasked) ? _slots[index] = CreateServerVariables() : feature;
    }

    private object? FindOther(Type key)
    {
        if (_others is not null)
        {
            foreach (var other in _others)
            {
                if (other.Key == key)
                {
                    return other.Value;
                }
            }
        }

        return null;
    }

    private void Set(int index, Type key, object? feature)
    {
        _revision++;
        if (index >= 0)
        {
            _slots[index] = feature;
            return;
        }

        SetOther(key, feature);
    }

    private void SetOther(Type key, object? feature)
    {
        _others ??= new(4);
        _others.RemoveAll(other => other.Key == key);
        if (feature is not null)
        {
            _others.Add(new(key, feature));
        }
    }
}
