using Chat;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUwsgiProtocol();
builder.Services.AddSignalR();

var app = builder.Build();
app.UseFileServer();
app.MapHub<ChatHub>("/chat");
app.Run();
