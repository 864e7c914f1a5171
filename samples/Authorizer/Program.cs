using Authorizer;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;

// One app with two faces. As an authorizer it says who may have which file of a site that the front end serves by itself; as a responder it lets people sign in.
var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseFastCgi(options => options.ServeHttp = false);
builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
{
    cookie.LoginPath = SignIn.Path;
    cookie.Events.OnRedirectToAccessDenied = Guard.ForbidAsync;
});
builder.Services.AddAuthorizationBuilder()
    .AddPolicy(Guard.Members, policy => policy.RequireAuthenticatedUser())
    .AddPolicy(Guard.Staff, policy => policy.RequireRole("staff"));
builder.Services.AddAntiforgery();
builder.Services.AddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();

var app = builder.Build();
app.UseAuthentication();
app.MapWhen(Guard.IsAsked, guard => guard.Run(Guard.DecideAsync));
app.UseAuthorization();
app.UseAntiforgery();
SignIn.Map(app);
app.Run();
