using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Uwsgi.Protocol.ContractApp.Pages;

public sealed class FormModel : PageModel
{
    [BindProperty]
    public string? Name { get; set; }

    public string Greeting { get; private set; } = "Who are you?";

    public void OnPost() => Greeting = $"Hello {Name}";
}
