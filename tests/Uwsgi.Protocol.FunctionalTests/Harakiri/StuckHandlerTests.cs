using System.Diagnostics;
using System.Globalization;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Harakiri;

/// <summary>A client behind nginx has its answer at the deadline, though the handler sleeps on.</summary>
public sealed class StuckHandlerTests(HarakiriFixture sites) : IClassFixture<HarakiriFixture>
{
    public static TheoryData<string, string, bool> SitesAndBlocking
    {
        get
        {
            var data = new TheoryData<string, string, bool>();
            foreach (var transport in new[] { "Direct", "Kestrel" })
            {
                foreach (var pass in new[] { "uwsgi_pass", "uwsgi_pass unix", "scgi_pass", "fastcgi_pass", "fastcgi_pass kept" })
                {
                    data.Add(transport, pass, false);
                    data.Add(transport, pass, true);
                }
            }

            return data;
        }
    }

    [FrontEndTheory("nginx", "curl")]
    [MemberData(nameof(SitesAndBlocking))]
    public async Task Curl_sees_504_at_the_deadline_and_ten_requests_a_second_beside_it_never_fail(string transport, string pass, bool blocks)
    {
        var address = sites[transport, pass];
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
        var gate = Guid.NewGuid().ToString("n");
        var watch = Stopwatch.StartNew();
        var curl = FinishedProcess.RunAsync(
            Programs.PathOf("curl"), ["-s", "-o", "/dev/null", "-w", "%{http_code} %{time_total}", new Uri(address, $"/stuck/{gate}?blocks={blocks}").ToString()], []);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var asked = 0;
        do
        {
            Assert.Contains("\"id\":7", await client.GetStringAsync("/json/7"), StringComparison.Ordinal);
            asked++;
            await tick.WaitForNextTickAsync();
        }
        while (!curl.IsCompleted);

        var said = Encoding.ASCII.GetString((await curl).Output).Split(' ');
        Assert.Equal("504", said[0]);
        Assert.InRange(double.Parse(said[1], CultureInfo.InvariantCulture), 2.5, watch.Elapsed.TotalSeconds);
        Assert.True(asked > 10, $"{asked} requests in {watch.Elapsed}.");

        // It sleeps on, and others are answered all the same, on connections that it was on too.
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("stuck", await client.GetStringAsync($"/journal/{gate}"));
        }

        using var opened = await client.PostAsync($"/gates/{gate}", new StringContent("go"));
        await Deadline.UntilAsync("the handler is back", async () => await client.GetStringAsync($"/journal/{gate}") == "back");
    }

    [FrontEndTheory("nginx", "curl")]
    [InlineData("Direct", "uwsgi_pass")]
    [InlineData("Direct", "scgi_pass")]
    [InlineData("Direct", "fastcgi_pass")]
    [InlineData("Kestrel", "uwsgi_pass")]
    [InlineData("Kestrel", "scgi_pass")]
    [InlineData("Kestrel", "fastcgi_pass")]
    public async Task Curl_sees_that_an_answer_that_had_begun_was_cut_off(string transport, string pass)
    {
        var address = sites[transport, pass];
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
        var gate = Guid.NewGuid().ToString("n");
        var curl = await FinishedProcess.RunAsync(
            Programs.PathOf("curl"), ["-s", "-w", " %{http_code}", new Uri(address, $"/stuck/{gate}?begins=true").ToString()], []);

        // CURLE_PARTIAL_FILE, CURLE_RECV_ERROR.
        Assert.True(curl.ExitCode is 18 or 56, $"curl said {curl.ExitCode}.");
        Assert.DoesNotContain("late", Encoding.ASCII.GetString(curl.Output), StringComparison.Ordinal);
        using var opened = await client.PostAsync($"/gates/{gate}", new StringContent("go"));
        await Deadline.UntilAsync("the handler is back", async () => await client.GetStringAsync($"/journal/{gate}") == "back");
    }
}
