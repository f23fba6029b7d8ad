using Connectors.Qwen.Demos.Chat;

return await Demo.RunAsync(args);
