using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Connectors.Qwen.IntegrationTests.Faults.Transport;

/// <summary>A server on loopback that speaks TLS with a certificate which nobody trusts, or hangs up instead.</summary>
internal sealed class UntrustedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2? _certificate;
    private readonly Task _serving;
    private int _connections;
    private int _requests;

    public UntrustedServer(bool hangsUp = false)
    {
        _certificate = hangsUp ? null : CreateCertificate();
        _listener.Start();
        Endpoint = new Uri($"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/compatible-mode/v1");
        _serving = Task.Run(ServeAsync);
    }

    public Uri Endpoint { get; }

    /// <summary>How many connections were made.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many handshakes the client let pass.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
        _certificate?.Dispose();
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var connection = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _connections);
                if (_certificate is not null)
                {
                    await using var tls = new SslStream(connection.GetStream());
                    await tls.AuthenticateAsServerAsync(_certificate);
                    // With TLS 1.3 the server has finished before the client has looked at the certificate.
                    if (await tls.ReadAsync(new byte[1]) > 0)
                    {
                        Interlocked.Increment(ref _requests);
                    }
                }
            }
            catch (Exception e) when (e is AuthenticationException or IOException)
            {
                // The client went away, as it should.
            }
            catch (Exception e) when (e is SocketException or InvalidOperationException)
            {
                // No longer listening.
                return;
            }
        }
    }
}
