namespace Connectors.Qwen.Demos.Chat.Services;

/// <summary>What is asked in the tour. Both sides know it: the stations ask and compare, the simulated model answers.</summary>
internal static class Dialogue
{
    public static readonly Line Plain = new(
        "Why is West Lake in Hangzhou famous?",
        "Poets, emperors and gardeners have been at work on it for a thousand years. West Lake (西湖) lies in the "
            + "middle of the city, with two old causeways, a broken bridge that is not broken, and hills of green tea "
            + "behind it. Go early in the morning, when the mist is still on the water. 🌿"
    );

    public static readonly Line Expired = new(
        "登录过期了，我的问题会丢吗？",
        "不会。服务器拒绝了旧令牌，客户端换了一个新的，又问了一遍；您只看到这一个回答，一个字不少，也没有一个字重复。✅"
    );

    public static readonly Line Timeout = new(
        "Read these 300 pages and tell me what they say about \"stream timeout\".",
        "In short: the gateway gives up on a stream when the model needs too long for its first word, and says so "
            + "with a 504. The answer is not lost then. Asked for in one piece it arrives, as this one just did:\n"
            + "  1. the stream failed before any word was shown,\n"
            + "  2. one more try failed the same way,\n"
            + "  3. the same question without streaming was answered."
    );

    public static readonly Line Broken = new(
        "What happens to an answer when the connection dies in the middle of it?",
        "Half of it is on your screen, and the rest is lost with the connection. So the half is sent back as the beginning of "
            + "the answer, and the model goes on with it: 断了的地方接得上, without a seam, without a word twice. You are reading an "
            + "answer in three pieces. 🧵"
    );

    public static readonly Line Tool = new(
        "What is the weather in Hangzhou? Do I need an umbrella?",
        "It is 26 °C in Hangzhou with light rain (小雨). ☔ Yes, take an umbrella."
    );

    /// <summary>The line that answers a question; null for what a person types.</summary>
    public static Line? Find(string question)
    {
        Line[] lines = [Plain, Expired, Timeout, Broken, Tool];
        return Array.Find(lines, line => line.Question == question);
    }
}
