namespace Uwsgi.Protocol.Hosting;

/// <summary>An endpoint of the app's own Kestrel that speaks one of our protocols. Port 0 is known only once it is bound.</summary>
internal interface ILiveAddress
{
    /// <summary>How Kestrel shows it.</summary>
    string ShownAs { get; }

    /// <summary>What it is.</summary>
    string Address { get; }

    /// <summary>Whether hosts other than this one can reach it.</summary>
    bool IsReachableFromOutside { get; }
}
