// Exchange turns euros into other currencies, at rates that never change.
var rates = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase)
{
    ["EUR"] = 1.00m,
    ["USD"] = 1.16m,
    ["GBP"] = 0.87m,
    ["SEK"] = 11.05m,
};

var app = WebApplication.CreateBuilder(args).Build();

app.MapGet("/healthz", () => Results.Json(new { status = "ok" }));

app.MapGet("/rate/{currency}", (string currency) =>
    rates.TryGetValue(currency, out var rate)
        ? Results.Json(new { currency = currency.ToUpperInvariant(), rate })
        : Results.Json(new { error = $"no rate for {currency}" }, statusCode: StatusCodes.Status404NotFound));

app.Run();
