using System.Text.Json.Nodes;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>A credential file in a directory of its own, written as qwen-code writes it.</summary>
internal sealed class LoginFile : IDisposable
{
    private readonly bool _ownsFolder;

    public LoginFile()
    {
        Folder = Directory.CreateTempSubdirectory("qwen-login-").FullName;
        _ownsFolder = true;
    }

    public LoginFile(string folder)
    {
        Folder = folder;
    }

    public string Folder { get; }

    public string FilePath => Path.Combine(Folder, "oauth_creds.json");

    public byte[] Bytes => File.ReadAllBytes(FilePath);

    public JsonObject Json => JsonNode.Parse(Bytes)!.AsObject();

    public string? AccessToken => (string?)Json["access_token"];

    public string? RefreshToken => (string?)Json["refresh_token"];

    /// <summary>Writes a login into a new file and renames it, as qwen-code does.</summary>
    /// <param name="issued">The login.</param>
    /// <param name="change">Changes the document.</param>
    /// <param name="age">How long ago the file was written.</param>
    public void Write(QwenIssuedToken issued, Action<JsonObject>? change = null, TimeSpan? age = null)
    {
        var json = new JsonObject
        {
            ["access_token"] = issued.AccessToken,
            ["refresh_token"] = issued.RefreshToken,
            ["token_type"] = "Bearer",
            ["resource_url"] = "portal.qwen.ai",
            ["expiry_date"] = issued.ExpiresAt.ToUnixTimeMilliseconds(),
        };
        change?.Invoke(json);
        WriteText(json.ToJsonString(new() { WriteIndented = true }), age);
    }

    public void WriteText(string text, TimeSpan? age = null)
    {
        var temporary = $"{FilePath}.tmp.{Guid.NewGuid()}";
        File.WriteAllText(temporary, text);
        File.SetLastWriteTimeUtc(
            temporary,
            TimeProvider.System.GetUtcNow().UtcDateTime - (age ?? TimeSpan.FromHours(1))
        );
        File.Move(temporary, FilePath, overwrite: true);
    }

    /// <summary>Waits until nobody holds the lock: one who saves behind the calls says so before it is released.</summary>
    public async Task UnlockedAsync()
    {
        var mutex = Path.ChangeExtension(FilePath, ".lock");
        Assert.True(await Eventually.TrueAsync(() => !File.Exists(mutex)), $"{mutex} is still held.");
    }

    /// <summary>Sets the Unix permissions of a file or directory; does nothing where there are none.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    public void Dispose()
    {
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
