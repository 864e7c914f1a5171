namespace Authorizer;

/// <summary>Somebody who may sign in: a name, which is the key in appsettings.json, and this.</summary>
internal sealed class Account
{
    /// <summary>What <c>PasswordHasher</c> makes of the password.</summary>
    public required string PasswordHash { get; init; }

    public string? Role { get; init; }
}
