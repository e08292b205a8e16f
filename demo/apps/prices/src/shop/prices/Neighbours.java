package shop.prices;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The two services that prices ask. Both may be away: then the answer is empty and the shop goes on. */
final class Neighbours {

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Pattern AVAILABLE = Pattern.compile("\"available\"\\s*:\\s*(\\d+)");
    private static final Pattern RATE = Pattern.compile("\"rate\"\\s*:\\s*([0-9.]+)");

    private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final String stock;
    private final String exchange;

    Neighbours(String stock, String exchange) {
        this.stock = stock;
        this.exchange = exchange;
    }

    /** How many pieces are left; empty when nobody says. */
    Optional<Integer> available(String sku) {
        return ask(stock + "/stock/" + sku, AVAILABLE).map(Integer::valueOf);
    }

    /** What one euro is in this currency; empty when nobody says. */
    Optional<BigDecimal> rate(String currency) {
        return ask(exchange + "/rate/" + currency, RATE).map(BigDecimal::new);
    }

    private Optional<String> ask(String address, Pattern wanted) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address)).timeout(PATIENCE).build();
        try {
            HttpResponse<String> response =
                    client.send(request, HttpResponse.BodyHandlers.ofString());
            Matcher found = wanted.matcher(response.body());
            return response.statusCode() == 200 && found.find()
                    ? Optional.of(found.group(1))
                    : Optional.empty();
        } catch (IOException away) {
            return Optional.empty();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
