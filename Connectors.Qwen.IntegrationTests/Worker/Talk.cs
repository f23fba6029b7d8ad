namespace Connectors.Qwen.Worker;

/// <summary>The lines between a worker and the test that started it.</summary>
internal static class Talk
{
    public static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    /// <summary>Says that the start is over, and waits to be told to go on; false when nobody is there any more.</summary>
    public static bool Ready()
    {
        Say("ready");
        return Heard();
    }

    /// <summary>Waits for a line; false when the other end is closed.</summary>
    public static bool Heard()
    {
        return Console.In.ReadLine() is not null;
    }
}
