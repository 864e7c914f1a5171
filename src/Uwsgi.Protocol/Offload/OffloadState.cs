namespace Uwsgi.Protocol.Offload;

/// <summary>Whether files leave behind their requests anywhere in the app: for the stats.</summary>
internal sealed class OffloadState
{
    private volatile bool _isOn;

    public bool IsOn => _isOn;

    public void TurnOn() => _isOn = true;
}
