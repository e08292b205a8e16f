package shop.prices;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The HTTP side: one method for each path. */
final class Routes {

    private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");
    private static final Pattern QUANTITY = Pattern.compile("[1-9][0-9]{0,3}");

    private final Catalogue catalogue;
    private final Neighbours neighbours;

    Routes(Catalogue catalogue, Neighbours neighbours) {
        this.catalogue = catalogue;
        this.neighbours = neighbours;
    }

    void health(HttpExchange exchange) throws IOException {
        answer(exchange, 200, "{\"status\":\"ok\"}");
    }

    void prices(HttpExchange exchange) throws IOException {
        Money money = money(query(exchange));
        String rows =
                catalogue.all().stream()
                        .map(article -> row(article, money))
                        .collect(Collectors.joining(","));
        answer(exchange, 200, "{\"products\":[" + rows + "]}");
    }

    void quote(HttpExchange exchange) throws IOException {
        Map<String, String> query = query(exchange);
        String sku = query.getOrDefault("sku", "");
        String wanted = query.getOrDefault("quantity", "1");
        Optional<Article> article = catalogue.find(sku);
        if (article.isEmpty()) {
            answer(exchange, 404, error("we do not sell that"));
            return;
        }
        if (!QUANTITY.matcher(wanted).matches()) {
            answer(exchange, 400, error("a quantity is a number from 1 to 9999"));
            return;
        }
        int quantity = Integer.parseInt(wanted);
        Optional<Integer> available = neighbours.available(sku);
        if (available.isPresent() && available.get() < quantity) {
            answer(exchange, 409, error(article.get().name() + ": " + available.get() + " left"));
            return;
        }
        answer(exchange, 200, line(article.get(), quantity, money(query)));
    }

    private Money money(Map<String, String> query) {
        String currency = query.getOrDefault("currency", "EUR").toUpperCase(Locale.ROOT);
        if (currency.equals("EUR") || !CURRENCY.matcher(currency).matches()) {
            return Money.EURO;
        }
        return neighbours
                .rate(currency)
                .map(rate -> new Money(currency, rate))
                .orElse(Money.EURO);
    }

    private String row(Article article, Money money) {
        String available =
                neighbours.available(article.sku()).map(String::valueOf).orElse("null");
        return String.format(
                Locale.ROOT,
                "{\"sku\":\"%s\",\"name\":\"%s\",\"price\":%s,\"currency\":\"%s\",\"available\":%s}",
                article.sku(),
                article.name(),
                money.of(article.price()),
                money.currency(),
                available);
    }

    private static String line(Article article, int quantity, Money money) {
        BigDecimal price = money.of(article.price());
        return String.format(
                Locale.ROOT,
                "{\"sku\":\"%s\",\"quantity\":%d,\"price\":%s,\"total\":%s,\"currency\":\"%s\"}",
                article.sku(),
                quantity,
                price,
                price.multiply(BigDecimal.valueOf(quantity)),
                money.currency());
    }

    private static String error(String reason) {
        return "{\"error\":\"" + reason + "\"}";
    }

    private static Map<String, String> query(HttpExchange exchange) {
        String text = exchange.getRequestURI().getQuery();
        return Arrays.stream((text == null ? "" : text).split("&"))
                .filter(pair -> pair.indexOf('=') > 0)
                .collect(
                        Collectors.toMap(
                                pair -> pair.substring(0, pair.indexOf('=')),
                                pair -> pair.substring(pair.indexOf('=') + 1),
                                (first, second) -> first));
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }
}
