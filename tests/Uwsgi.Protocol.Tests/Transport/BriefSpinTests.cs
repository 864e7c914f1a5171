using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>Where work comes, threads stay awake for it; where none comes, they do so more and more seldom.</summary>
public class BriefSpinTests
{
    [Fact]
    public void Who_finds_nothing_looks_more_and_more_seldom_until_something_is_found()
    {
        var spin = new BriefSpin();
        foreach (var pause in (int[])[1, 3, 7, 15, 31, 63, 64, 64])
        {
            Assert.True(Looks(spin, finds: false) > 0);
            for (var i = 0; i < pause; i++)
            {
                Assert.Equal(0, Looks(spin, finds: true));
            }
        }

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(1, Looks(spin, finds: true));
        }

        Assert.True(Looks(spin, finds: false) > 1);
        Assert.Equal(0, Looks(spin, finds: true));
        Assert.True(Looks(spin, finds: true) > 0);
    }

    /// <summary>How often it looks.</summary>
    private static int Looks(BriefSpin spin, bool finds)
    {
        var looks = 0;
        var found = spin.Look(finds, isThere =>
        {
            looks++;
            return isThere ? 42 : (int?)null;
        });
        Assert.Equal(finds && looks > 0 ? 42 : null, found);
        return looks;
    }
}
