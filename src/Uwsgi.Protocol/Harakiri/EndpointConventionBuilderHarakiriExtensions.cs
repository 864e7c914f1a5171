using Uwsgi.Protocol;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Says how long requests of endpoints may take, where <c>app.UseHarakiri()</c> watches them.</summary>
public static class EndpointConventionBuilderHarakiriExtensions
{
    /// <summary>Gives requests of these endpoints a time of their own.</summary>
    /// <typeparam name="TBuilder">The kind of endpoints.</typeparam>
    /// <param name="builder">The endpoints.</param>
    /// <param name="timeout">How long a request may take, from its head to the last byte of its response.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public static TBuilder WithHarakiri<TBuilder>(this TBuilder builder, TimeSpan timeout)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var metadata = new HarakiriAttribute(timeout);
        builder.Add(endpoint => endpoint.Metadata.Add(metadata));
        return builder;
    }

    /// <summary>Lets requests of these endpoints take as long as they like.</summary>
    /// <typeparam name="TBuilder">The kind of endpoints.</typeparam>
    /// <param name="builder">The endpoints.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static TBuilder DisableHarakiri<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithHarakiri(Timeout.InfiniteTimeSpan);
}
