using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>Features that services alone put before the app.</summary>
public class PipelineStartTests
{
    [Fact]
    public void Each_feature_comes_once_in_the_order_in_which_they_were_asked_for()
    {
        var order = new List<string>();
        var services = new ServiceCollection();
        Action<IApplicationBuilder> first = _ => order.Add("first");
        Action<IApplicationBuilder> second = _ => order.Add("second");
        foreach (var use in new[] { first, second, first, second })
        {
            PipelineStart.AddTo(services, use);
        }

        using var provider = services.BuildServiceProvider();
        Action<IApplicationBuilder> pipeline = _ => order.Add("the app");
        foreach (var filter in provider.GetServices<IStartupFilter>().Reverse())
        {
            pipeline = filter.Configure(pipeline);
        }

        pipeline(new ApplicationBuilder(provider));
        Assert.Equal(["first", "second", "the app"], order);
    }

    [Fact]
    public void A_feature_that_is_asked_for_twice_is_one()
    {
        var services = new ServiceCollection();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            services.AddOffload(static options => options.OffloadThreads = 2);
            services.AddHarakiri(static _ => { });
        }

        Assert.Equal(2, services.Count(static service => service.ServiceType == typeof(IStartupFilter)));
    }
}
