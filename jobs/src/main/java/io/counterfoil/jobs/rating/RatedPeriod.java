package io.counterfoil.jobs.rating;

import io.counterfoil.jobs.rating.RatedLine.Kind;

import java.math.BigDecimal;
import java.util.Currency;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a period costs.
 *
 * @param lines charges in the order of their cards, each card's discount behind them, the minimum's top-up, adjustments, tax
 */
public record RatedPeriod(Currency currency, List<RatedLine> lines) {
    public RatedPeriod {
        lines = List.copyOf(lines);
    }

    /** All but tax. */
    public BigDecimal net() {
        return sum(line -> line.kind() != Kind.TAX);
    }

    public BigDecimal tax() {
        return sum(line -> line.kind() == Kind.TAX);
    }

    /** The sum of the lines. */
    public BigDecimal total() {
        return sum(line -> true);
    }

    private BigDecimal sum(Predicate<RatedLine> which) {
        return lines.stream()
                .filter(which)
                .map(RatedLine::amount)
                .reduce(BigDecimal.ZERO.setScale(currency.getDefaultFractionDigits()), BigDecimal::add);
    }
}
