package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.rating.BilledUsage;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.jobs.rating.RatedPeriod;
import io.counterfoil.jobs.rating.Ratio;
import io.counterfoil.jobs.rating.TierPart;
import io.counterfoil.sql.limits.UsageLimit;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A rated period for people: a row a line, and below it one a tier, each with the numbers that give its amount. */
final class PriceTable {
    private static final List<String> HEAD =
            List.of("line", "used", "included", "billed", "per", "price", "fee", "exact", "amount");
    private static final List<Boolean> LEFT = List.of(true, false, false, false, true, false, false, false, false);

    private static final BigDecimal LARGEST_LIMIT = BigDecimal.valueOf(Long.MAX_VALUE);

    private final List<List<String>> rows = new ArrayList<>();

    PriceTable() {
        rows.add(HEAD);
    }

    static List<String> of(PlanVersion version, RatedPeriod period, List<String> unpriced) {
        PriceTable table = new PriceTable();
        table.period(period.lines(), RatedLine::name);
        List<String> lines = new ArrayList<>();
        lines.add(version.ref().text() + ", " + version.period().interval().text() + ", in "
                + period.currency().getCurrencyCode());
        lines.add("");
        lines.addAll(table.aligned());
        if (!unpriced.isEmpty()) {
            lines.add("");
            lines.add("no charge counts " + String.join(", ", unpriced));
        }
        return lines;
    }

    /**
     * All lines of a period, the net sum before tax where there is some, and the total.
     *
     * @param name what stands in front of each
     */
    void period(List<RatedLine> lines, Function<RatedLine, String> name) {
        List<RatedLine> tax =
                lines.stream().filter(line -> line.kind() == RatedLine.Kind.TAX).toList();
        List<RatedLine> net = lines.stream().filter(line -> !tax.contains(line)).toList();
        net.forEach(line -> line(name.apply(line), line));
        if (!tax.isEmpty()) {
            sum("net", sum(net));
            tax.forEach(line -> line(name.apply(line), line));
        }
        sum("total", sum(lines));
    }

    private static BigDecimal sum(List<RatedLine> lines) {
        return lines.stream().map(RatedLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    void line(String name, RatedLine line) {
        Optional<BilledUsage> usage = line.usage();
        // Where there is one price the line itself shows it.
        Optional<TierPart> only = Optional.of(line.parts())
                .filter(parts -> parts.size() == 1
                        && parts.get(0).from().signum() == 0
                        && parts.get(0).to().isEmpty()
                        && parts.get(0).flat().isZero())
                .map(parts -> parts.get(0));
        rows.add(List.of(
                name,
                usage.map(of -> grouped(of.quantity().toPlainString())).orElse(""),
                usage.map(of -> of.meter().included())
                        .filter(included -> included.signum() > 0)
                        .map(included -> grouped(included.toPlainString()))
                        .orElse(""),
                only.map(part -> part.quantity())
                        .or(() -> usage.map(BilledUsage::billed))
                        .map(PriceTable::number)
                        .orElse(""),
                usage.map(of -> per(of.meter())).orElse(only.isPresent() ? "period" : ""),
                only.map(part -> part.unit().text()).orElse(""),
                "",
                number(line.exact()),
                grouped(line.amount().toPlainString())));
        if (only.isEmpty()) {
            line.parts().forEach(this::tier);
        }
    }

    private void sum(String name, BigDecimal amount) {
        rows.add(List.of(name, "", "", "", "", "", "", "", grouped(amount.toPlainString())));
    }

    private void tier(TierPart part) {
        String range = part.to()
                .map(end -> grouped(part.from().toPlainString()) + " to " + grouped(end.toPlainString()))
                .orElseGet(() -> "above " + grouped(part.from().toPlainString()));
        rows.add(List.of(
                "  " + range,
                "",
                "",
                number(part.quantity()),
                "",
                part.unit().text(),
                part.flat().isZero() ? "" : part.flat().text(),
                number(part.amount()),
                ""));
    }

    private static String per(Meter meter) {
        if (meter.measure() == Measure.BYTES_OUT && meter.per().compareTo(LARGEST_LIMIT) <= 0) {
            return UsageLimit.amount(
                    meter.per().longValueExact(), meter.measure().text());
        }
        return meter.per().compareTo(BigDecimal.ONE) == 0
                ? meter.measure().text()
                : grouped(meter.per().toPlainString()) + " " + meter.measure().text();
    }

    /** Exact; of what has no end, enough to recognise it. */
    private static String number(Ratio ratio) {
        return grouped(ratio.text(6));
    }

    /** With commas in front of the point. */
    static String grouped(String plain) {
        int point = plain.indexOf('.');
        String whole = point < 0 ? plain : plain.substring(0, point);
        return whole.replaceAll("(?<=\\d)(?=(\\d{3})+$)", ",") + (point < 0 ? "" : plain.substring(point));
    }

    List<String> aligned() {
        return AlignedText.of(rows, LEFT);
    }
}
