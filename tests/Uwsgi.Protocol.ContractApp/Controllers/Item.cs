using System.ComponentModel.DataAnnotations;

namespace Uwsgi.Protocol.ContractApp.Controllers;

public sealed class Item
{
    [Range(1, 1000)]
    public int Id { get; set; }

    [Required]
    public string? Name { get; set; }

    public IList<string> Tags { get; } = [];
}
