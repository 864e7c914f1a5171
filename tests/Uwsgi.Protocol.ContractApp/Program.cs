using System.IO.Compression;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.ResponseCompression;
using Uwsgi.Protocol.ContractApp.Components;
using Uwsgi.Protocol.ContractApp.Endpoints;
using Uwsgi.Protocol.ContractApp.Hosting;
using Uwsgi.Protocol.ContractApp.SignalR;
using Uwsgi.Protocol.ContractApp.State;

// An ordinary app. Nothing in it knows which protocol a request came by, except GatewayEndpoints.Open.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
GatewayEndpoints.Open(builder, args);
Watching.Begin(builder);

builder.Services.AddSingleton<Gates>();
builder.Services.AddSingleton<Journal>();
builder.Services.AddSingleton<Meetings>();
builder.Services.AddSingleton<Counters>();
builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
builder.Services.AddControllersWithViews();
builder.Services.AddRazorPages();
builder.Services.AddRazorComponents().AddInteractiveServerComponents();
builder.Services.AddSignalR();
builder.Services.AddAntiforgery();
builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie => cookie.Cookie.Name = "session");
builder.Services.AddAuthorization();
builder.Services.AddRequestTimeouts();
builder.Services.AddOutputCache();
builder.Services.AddResponseCompression(compression =>
{
    // By every scheme alike: nothing here is secret.
    compression.EnableForHttps = true;
    compression.Providers.Add<BrotliCompressionProvider>();
    compression.Providers.Add<GzipCompressionProvider>();
});
builder.Services.Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);
builder.Services.AddRateLimiter(limiter =>
{
    limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
    limiter.AddPolicy("three", context => RateLimitPartition.GetFixedWindowLimiter(
        context.Request.Query["key"].ToString(),
        _ => new FixedWindowRateLimiterOptions { PermitLimit = 3, Window = TimeSpan.FromHours(1) }));
});

var app = builder.Build();

if (app.Configuration["ini"] is null)
{
    // Watches every request, and gives those of its own endpoints alone a deadline.
    app.UseHarakiri(harakiri => (harakiri.Timeout, harakiri.Grace) = (Timeout.InfiniteTimeSpan, TimeSpan.FromMilliseconds(500)));
}

AuthorizerEndpoints.Map(app);
app.UseWhen(context => context.Request.Path.StartsWithSegments("/compressed"), branch => branch.UseResponseCompression());
app.UseStaticFiles();
app.UseWebSockets();
app.UseRouting();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.UseRateLimiter();
app.UseRequestTimeouts();
app.UseOutputCache();

app.MapControllers();
app.MapRazorPages();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
app.MapHub<ContractHub>("/hub");
BlazorScript.Map(app);
EchoEndpoints.Map(app);
JsonEndpoints.Map(app);
AccountEndpoints.Map(app);
AntiforgeryEndpoints.Map(app);
CachingEndpoints.Map(app);
LimitEndpoints.Map(app);
FormEndpoints.Map(app);
LiveEndpoints.Map(app);
WebSocketEndpoints.Map(app);
DownloadEndpoints.Map(app);
ResponseEndpoints.Map(app);
FailureEndpoints.Map(app);
LifetimeEndpoints.Map(app);
HarakiriEndpoints.Map(app);
Watching.Map(app);

Announcement.OnStart(app);
app.Run();
