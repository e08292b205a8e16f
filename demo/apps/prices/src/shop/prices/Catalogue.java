package shop.prices;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** Everything that the shop sells. */
final class Catalogue {

    private final List<Article> articles =
            List.of(
                    new Article("espresso-cup", "Espresso cup", new BigDecimal("9.50")),
                    new Article("hand-grinder", "Hand grinder", new BigDecimal("89.00")),
                    new Article("pour-over-set", "Pour-over set", new BigDecimal("34.90")),
                    new Article("scale", "Brewing scale", new BigDecimal("42.00")),
                    new Article("tea-towel", "Tea towel", new BigDecimal("7.20")));

    List<Article> all() {
        return articles;
    }

    Optional<Article> find(String sku) {
        return articles.stream().filter(article -> article.sku().equals(sku)).findFirst();
    }
}
