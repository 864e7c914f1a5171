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
            Assert.True(spin.Begin() > 0);
            spin.End(hasFound: false);
            for (var i = 0; i < pause; i++)
            {
                Assert.Equal(0, spin.Begin());
            }
        }

        for (var i = 0; i < 3; i++)
        {
            Assert.True(spin.Begin() > 0);
            spin.End(hasFound: true);
        }

        spin.End(hasFound: false);
        Assert.Equal(0, spin.Begin());
        Assert.True(spin.Begin() > 0);
    }
}
