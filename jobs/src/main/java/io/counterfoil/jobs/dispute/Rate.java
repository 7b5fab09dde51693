package io.counterfoil.jobs.dispute;

import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.jobs.rating.Ratio;
import io.counterfoil.jobs.rating.Tier;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A price, and where it was applied what it was applied to.
 *
 * @param name its tier, in {@code per}
 * @param per how many of the measure it is for; of a flat fee, empty
 * @param quantity in {@code per}
 * @param amount exact
 */
record Rate(
        String name,
        Optional<BigDecimal> per,
        Price price,
        Price fee,
        Optional<Ratio> quantity,
        Optional<Ratio> amount) {
    private static final int DIGITS = 12;

    /** As they made a line's amount. */
    static List<Rate> of(RatedLine line) {
        Optional<BigDecimal> per = line.usage().map(usage -> usage.meter().per());
        return line.parts().stream()
                .map(part -> new Rate(
                        tier(part.from(), part.to()),
                        per,
                        part.unit(),
                        part.flat(),
                        Optional.of(part.quantity()),
                        Optional.of(part.amount())))
                .toList();
    }

    /** As a plan has them. */
    static List<Rate> of(Charge charge) {
        Optional<BigDecimal> per = charge.meter().map(Meter::per);
        Model model = charge.model();
        if (model instanceof Model.Flat flat) {
            return List.of(new Rate("flat, a period", per, flat.fee(), Price.ZERO, Optional.empty(), Optional.empty()));
        }
        if (model instanceof Model.PerUnit unit) {
            return List.of(new Rate("per unit", per, unit.unit(), Price.ZERO, Optional.empty(), Optional.empty()));
        }
        if (model instanceof Model.Packages packages) {
            return List.of(new Rate("package", per, packages.price(), Price.ZERO, Optional.empty(), Optional.empty()));
        }
        List<Tier> tiers =
                model instanceof Model.Graduated graduated ? graduated.tiers() : ((Model.Volume) model).tiers();
        List<Rate> rates = new ArrayList<>();
        BigDecimal from = BigDecimal.ZERO;
        for (Tier tier : tiers) {
            rates.add(new Rate(
                    model.text() + " " + tier(from, tier.upTo()),
                    per,
                    tier.unit(),
                    tier.flat(),
                    Optional.empty(),
                    Optional.empty()));
            from = tier.upTo().orElse(from);
        }
        return rates;
    }

    private static String tier(BigDecimal from, Optional<BigDecimal> to) {
        return to.map(end -> from.toPlainString() + " to " + end.toPlainString())
                .orElse("above " + from.toPlainString());
    }

    void write(DisputeFile file, int line) {
        DisputeFile.Row row = file.row("rate")
                .put(Column.LINE, line)
                .put(Column.NAME, name)
                .put(Column.PRICE, price.value())
                .put(Column.FEE, fee.value());
        per.ifPresent(size -> row.put(Column.PER, size));
        quantity.ifPresent(of -> row.put(Column.QUANTITY, decimal(of)));
        amount.ifPresent(of -> row.put(Column.AMOUNT, decimal(of)));
        row.write();
    }

    /** A column of a spreadsheet knows no fractions: what has no end is rounded to what prices have. */
    private static BigDecimal decimal(Ratio ratio) {
        BigDecimal rounded = ratio.rounded(DIGITS);
        return rounded.signum() == 0
                ? BigDecimal.ZERO
                : new BigDecimal(rounded.stripTrailingZeros().toPlainString());
    }
}
