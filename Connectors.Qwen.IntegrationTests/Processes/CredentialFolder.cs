using System.Text.Json;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Processes;

/// <summary>A folder of its own with a credential file as qwen-code would have left it.</summary>
internal sealed class CredentialFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qwen-processes-");

    public string File => Path.Combine(_folder.FullName, "oauth_creds.json");

    public string Lock => Path.Combine(_folder.FullName, "oauth_creds.lock");

    public string LockId => System.IO.File.ReadAllText(Lock);

    public IEnumerable<string> TempFiles => Directory.EnumerateFiles(_folder.FullName, "oauth_creds.json.tmp.*");

    public IEnumerable<string> LocksAside => Directory.EnumerateFiles(_folder.FullName, "oauth_creds.lock.*");

    public void Put(QwenIssuedToken token)
    {
        Put(token.AccessToken, token.RefreshToken, token.ExpiresAt);
    }

    /// <summary>Writes a login in one step, as every well-behaved program does.</summary>
    public void Put(string accessToken, string refreshToken, DateTimeOffset end)
    {
        var temp = File + ".put";
        using (var stream = Platform.CreateForOwner(temp))
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("access_token", accessToken);
            writer.WriteString("refresh_token", refreshToken);
            writer.WriteString("token_type", "Bearer");
            writer.WriteString("resource_url", "portal.qwen.ai");
            writer.WriteNumber("expiry_date", end.ToUnixTimeMilliseconds());
            writer.WriteEndObject();
        }

        System.IO.File.Move(temp, File, overwrite: true);
    }

    /// <summary>Leaves the lock of an owner that is gone.</summary>
    public void PutLock(string id, TimeSpan age)
    {
        System.IO.File.WriteAllText(Lock, id);
        AgeLock(age);
    }

    public void AgeLock(TimeSpan age)
    {
        System.IO.File.SetLastWriteTimeUtc(Lock, DateTime.UtcNow - age);
    }

    /// <summary>The login in the file: whole, by the rules qwen-code reads by, and readable by its owner only.</summary>
    public (string AccessToken, string RefreshToken, long ExpiryDate) Look()
    {
        using var stream = new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Platform.AssertOwnerOnly(stream.SafeFileHandle);
        using var json = JsonDocument.Parse(stream);
        var root = json.RootElement;
        Assert.Equal("Bearer", root.GetProperty("token_type").GetString());
        return (
            root.GetProperty("access_token").GetString()!,
            root.GetProperty("refresh_token").GetString()!,
            root.GetProperty("expiry_date").GetInt64()
        );
    }

    /// <summary>Looks all the time until the work is done, and once more; a look that finds anything but a whole login fails.</summary>
    public async Task LookWhileAsync(Task work)
    {
        while (!work.IsCompleted)
        {
            Look();
            await Task.Delay(TimeSpan.FromMilliseconds(2), TestContext.Current.CancellationToken);
        }

        await work;
        Look();
    }

    public void Dispose()
    {
        _folder.Delete(recursive: true);
    }
}
