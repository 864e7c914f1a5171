using System.Net.Http.Headers;

namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

internal static class FormCases
{
    private const string Area = "forms";

    public static IEnumerable<ContractCase> All() =>
    [
        new(Area, "fields", visit => visit.PostAsync("/form", new FormUrlEncodedContent([new("a", "1"), new("b", "ü & ="), new("a", "2"), new("", "")]))),
        new(Area, "no field", visit => visit.PostAsync("/form", new FormUrlEncodedContent([]))),
        new(Area, "a multipart without files", visit => visit.PostAsync("/form", new MultipartFormDataContent("boundary") { { new StringContent("value"), "name" } })),
        new(Area, "two files, 5 MB and none", visit => visit.PostAsync("/upload", new MultipartFormDataContent("boundary")
        {
            { new StringContent("a note"), "note" },
            { Bytes(5_000_000), "large", "große.bin" },
            { Bytes(0), "empty", "empty.bin" },
        })),
    ];

    private static ByteArrayContent Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(7).NextBytes(bytes);
        return new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
    }
}
