using System.ComponentModel;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Services;

/// <summary>A tool that counts how often it ran: a retry must never run it twice.</summary>
internal sealed class WeatherTool
{
    public const string Name = "get_weather";

    private int _runs;

    public int Runs => Volatile.Read(ref _runs);

    public AIFunction AsFunction()
    {
        return AIFunctionFactory.Create(GetWeather, Name);
    }

    [Description("Gets the weather of a city now.")]
    private string GetWeather([Description("The city, in English.")] string city)
    {
        Interlocked.Increment(ref _runs);
        return $"{city}: 26 °C, light rain";
    }
}
