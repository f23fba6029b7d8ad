using System.Text;
using Connectors.Qwen.Transport;

namespace Connectors.Qwen.UnitTests.Transport;

public sealed class StatusCommentTests
{
    private const string Native = "id:1\nevent:error\n:HTTP_STATUS/429 TOO_MANY_REQUESTS\ndata:{}\n\n";

    [Fact]
    public void Read_CutAnywhere_IsTheStatus()
    {
        var bytes = Encoding.UTF8.GetBytes(Native);
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
            {
                var comment = new StatusComment();
                comment.Read(bytes.AsSpan(0, first));
                comment.Read(bytes.AsSpan(first, second - first));
                comment.Read(bytes.AsSpan(second));

                Assert.Equal(429, comment.Status);
            }
        }
    }

    [Fact]
    public void Read_ByteByByte_IsTheStatus()
    {
        var comment = new StatusComment();
        foreach (var one in Encoding.UTF8.GetBytes(Native))
        {
            comment.Read([one]);
        }

        Assert.Equal(429, comment.Status);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(":HTTP_STATUS/400", 400)]
    [InlineData("id:1\r\n:HTTP_STATUS/500\r\ndata:{}", 500)]
    [InlineData("id:1\n:HTTP_STATUS/200\ndata:{}\n\nid:2\n:HTTP_STATUS/400\ndata:{}\n\n", 400)]
    [InlineData("id:1\n:HTTP_STATUS/400\ndata:{}\n\nid:2\n:HTTP_STATUS/200\ndata:{}\n\n", 200)]
    [InlineData("data:{\"text\":\"\\n:HTTP_STATUS/400\"}", null)]
    [InlineData("data: :HTTP_STATUS/400", null)]
    [InlineData("id:1\n:HTTP_STATUS/4x0\ndata:{}", null)]
    [InlineData("id:1\n:HTTP_STATUS/40", null)]
    [InlineData("id:1\n:http_status/400\n", null)]
    public void Read_ALineOfItsOwnOnly(string body, int? expected)
    {
        var comment = new StatusComment();
        comment.Read(Encoding.UTF8.GetBytes(body));

        Assert.Equal(expected, comment.Status);
    }
}
