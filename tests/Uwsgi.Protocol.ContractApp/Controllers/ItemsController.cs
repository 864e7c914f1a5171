using Microsoft.AspNetCore.Mvc;

namespace Uwsgi.Protocol.ContractApp.Controllers;

[Route("mvc/items")]
public sealed class ItemsController : Controller
{
    [HttpGet("{id:int}")]
    public IActionResult Get(int id, [FromQuery] string? filter, [FromHeader(Name = "X-Tenant")] string? tenant) => Json(new { id, filter, tenant });

    [HttpPost("")]
    public IActionResult Post([FromForm] Item item) => ModelState.IsValid
        ? CreatedAtAction(nameof(Get), new { id = item.Id }, item)
        : ValidationProblem(ModelState);

    [HttpPut("{id:int}")]
    public IActionResult Put(int id, [FromBody] Item item) => Ok(new { id, item.Name, item.Tags });

    [HttpGet("{id:int}/page")]
    public IActionResult Page(int id) => View("Page", new Item { Id = id, Name = "<b>Grüße</b>" });
}
