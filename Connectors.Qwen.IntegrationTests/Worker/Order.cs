using System.Globalization;

namespace Connectors.Qwen.Worker;

/// <summary>What the command line asks for: a command, then <c>--name value</c> pairs.</summary>
internal sealed class Order(string[] args)
{
    public string Command => args.Length > 0 ? args[0] : "";

    public string File => Text("file");

    public FileCredentialStore Store()
    {
        return new FileCredentialStore(File);
    }

    public OAuthCredentialProvider Provider()
    {
        var options = new QwenOAuthOptions { TokenEndpoint = new Uri(Text("token-endpoint")) };
        return new OAuthCredentialProvider(options, Store());
    }

    public bool Has(string name)
    {
        return Array.IndexOf(args, "--" + name) > 0;
    }

    public string Text(string name)
    {
        var place = Array.IndexOf(args, "--" + name);
        return place > 0 && place + 1 < args.Length
            ? args[place + 1]
            : throw new ArgumentException($"--{name} is missing.");
    }

    public int Number(string name)
    {
        return int.Parse(Text(name), CultureInfo.InvariantCulture);
    }
}
