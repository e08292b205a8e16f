package shop.prices;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** A currency and what one euro is in it. */
record Money(String currency, BigDecimal rate) {

    static final Money EURO = new Money("EUR", BigDecimal.ONE);

    BigDecimal of(BigDecimal euros) {
        return euros.multiply(rate).setScale(2, RoundingMode.HALF_EVEN);
    }
}
