using System.Collections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Uwsgi.Protocol.Transport;

// The connection is its own feature collection: what it is, and behind that what others put there.
internal sealed partial class SocketConnection :
    IFeatureCollection,
    IConnectionIdFeature,
    IConnectionItemsFeature,
    IConnectionTransportFeature,
    IConnectionLifetimeFeature,
    IConnectionLifetimeNotificationFeature,
    IConnectionEndPointFeature,
    IConnectionMetricsTagsFeature,
    IConnectionSocketFeature
{
    private static readonly Type[] OwnFeatures =
    [
        typeof(IConnectionIdFeature),
        typeof(IConnectionItemsFeature),
        typeof(IConnectionTransportFeature),
        typeof(IConnectionLifetimeFeature),
        typeof(IConnectionLifetimeNotificationFeature),
        typeof(IConnectionEndPointFeature),
        typeof(IConnectionSocketFeature),
    ];

    private Dictionary<Type, object?>? _set;

    bool IFeatureCollection.IsReadOnly => false;

    int IFeatureCollection.Revision => _set?.Count ?? 0;

    object? IFeatureCollection.this[Type key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            return Find(key);
        }

        set
        {
            ArgumentNullException.ThrowIfNull(key);
            (_set ??= [])[key] = value;
        }
    }

    TFeature? IFeatureCollection.Get<TFeature>()
        where TFeature : default => (TFeature?)Find(typeof(TFeature));

    void IFeatureCollection.Set<TFeature>(TFeature? instance)
        where TFeature : default => (_set ??= [])[typeof(TFeature)] = instance;

    IEnumerator<KeyValuePair<Type, object>> IEnumerable<KeyValuePair<Type, object>>.GetEnumerator()
    {
        foreach (var key in OwnFeatures.Union(_set?.Keys ?? Enumerable.Empty<Type>()))
        {
            if (Find(key) is { } feature)
            {
                yield return new(key, feature);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<KeyValuePair<Type, object>>)this).GetEnumerator();

    private object? Find(Type key)
    {
        if (_set is not null && _set.TryGetValue(key, out var feature))
        {
            return feature;
        }

        if (Array.IndexOf(OwnFeatures, key) < 0 && (_tags is null || key != typeof(IConnectionMetricsTagsFeature)))
        {
            return null;
        }

        _isSeen = true;
        return this;
    }
}
