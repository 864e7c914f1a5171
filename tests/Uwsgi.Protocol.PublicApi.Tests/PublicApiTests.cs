using System.Reflection;
using System.Xml.Linq;
using Microsoft.AspNetCore.Hosting;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.PublicApi.Tests;

public class PublicApiTests
{
    private static readonly Assembly[] Shipped = [typeof(UwsgiProtocolOptions).Assembly, typeof(WireError).Assembly];

    public static TheoryData<string> Assemblies => [.. Shipped.Select(assembly => assembly.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_public_members_are_those_of_the_listing(string assembly)
    {
        var path = Repository.PathOf($"tests/Uwsgi.Protocol.PublicApi.Tests/{assembly}.api.txt");
        var members = ApiListing.Of(Find(assembly));
        if (Environment.GetEnvironmentVariable("UPDATE_API") == "1")
        {
            File.WriteAllText(path, members);
        }

        // Where the change is wanted: UPDATE_API=1, and the listing is part of it.
        Assert.Equal(File.ReadAllText(path), members);
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Every_public_member_has_a_summary(string assembly)
    {
        var summarized = XDocument.Load(Path.ChangeExtension(Find(assembly).Location, ".xml")).Descendants("member")
            .Where(member => !string.IsNullOrWhiteSpace(member.Element("summary")?.Value) || member.Element("inheritdoc") is not null)
            .Select(member => member.Attribute("name")!.Value.Split('(')[0])
            .ToLookup(name => name);
        var missing = new List<string>();
        foreach (var type in ApiListing.Types(Find(assembly)))
        {
            var members = ApiListing.Members(type).Where(member => !type.IsEnum || member is FieldInfo { IsLiteral: true })
                .Where(member => !IsDocumentedElsewhere(member)).GroupBy(Id).Select(overloads => (Id: overloads.Key, Count: overloads.Count()));
            missing.AddRange(members.Append(($"T:{type.FullName}", 1)).Where(member => summarized[member.Item1].Count() < member.Item2).Select(member => member.Item1));
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void Wire_knows_nothing_of_ASP_NET_Core() => Assert.DoesNotContain(
        typeof(WireError).Assembly.GetReferencedAssemblies(), reference => reference.Name!.StartsWith("Microsoft.", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Nothing_below_the_root_namespace_hides_it(string assembly) => Assert.DoesNotContain(
        Find(assembly).GetTypes().Where(type => type.Namespace is not null),
        type => type.Name == "Uwsgi" || type.Namespace!.Split('.').Skip(1).Contains("Uwsgi"));

    [Fact]
    public void The_doors_are_where_people_look() => Assert.Equal(
        typeof(IWebHostBuilder).Namespace, typeof(WebHostBuilderUwsgiProtocolExtensions).Namespace);

    private static Assembly Find(string name) => Shipped.Single(assembly => assembly.GetName().Name == name);

    private static string Id(MemberInfo member) =>
        $"{Prefix(member)}:{member.DeclaringType!.FullName}.{member.Name.Replace('.', '#')}{(member is MethodInfo { IsGenericMethod: true } method ? $"``{method.GetGenericArguments().Length}" : "")}";

    private static char Prefix(MemberInfo member) => member switch
    {
        MethodBase => 'M',
        PropertyInfo => 'P',
        FieldInfo => 'F',
        _ => 'E',
    };

    // A positional record's constructor and properties are documented by the parameters of its type; a constructor that nobody wrote, by nothing.
    private static bool IsDocumentedElsewhere(MemberInfo member)
    {
        var deconstruct = member.DeclaringType!.GetMethod("Deconstruct");
        return member is ConstructorInfo constructor
            ? deconstruct is not null || constructor.GetParameters().Length == 0
            : deconstruct is not null && deconstruct.GetParameters().Any(parameter => parameter.Name == member.Name);
    }
}
