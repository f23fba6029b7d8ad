namespace Connectors.Qwen.Testing.Tokens;

/// <summary>What has become of a device login, the clock aside.</summary>
internal enum DeviceLoginState
{
    Pending,
    Approved,
    Denied,
    Used,
}
