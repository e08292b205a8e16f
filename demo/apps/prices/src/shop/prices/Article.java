package shop.prices;

import java.math.BigDecimal;

/** One article of the shop; its price is in euros. */
public record Article(String sku, String name, BigDecimal price) {}
