using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Uwsgi.Protocol.Testing;

/// <summary>Keeps every measurement of some meters.</summary>
public sealed class MeterCapture : IDisposable
{
    private readonly ConcurrentQueue<Measured> _measurements = new();
    private readonly MeterListener _listener = new();

    public MeterCapture(Func<Meter, bool> isWanted)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (isWanted(instrument.Meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyCollection<Measured> Measurements => _measurements;

    public IEnumerable<Measured> Of(string instrument) => _measurements.Where(measured => measured.Instrument == instrument);

    public double Sum(string instrument) => Of(instrument).Sum(measured => measured.Value);

    /// <summary>Forgets what was measured.</summary>
    public void Clear() => _measurements.Clear();

    /// <summary>Asks those that are read only when somebody asks.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var copy = new Dictionary<string, object?>();
        foreach (var (name, tag) in tags)
        {
            copy[name] = tag;
        }

        _measurements.Enqueue(new Measured(instrument.Name, value, copy));
    }
}
