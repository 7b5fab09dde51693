package io.counterfoil.jobs.rating;

import io.counterfoil.sql.OperatorException;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a charge becomes an amount. */
public sealed interface Model {
    /** As a plan's file names it. */
    String text();

    /** A model that prices usage; all but {@link Flat}. */
    sealed interface OfUsage extends Model {
        /** The parts of which the amount is the sum. */
        List<TierPart> parts(Span span);
    }

    /** A fee for the period, by the hours in which its plan was in force. */
    record Flat(Price fee) implements Model {
        @Override
        public String text() {
            return "flat";
        }

        /** @param share of the period's hours, 0 to 1 */
        List<TierPart> parts(Ratio share) {
            return List.of(TierPart.single(share, fee));
        }
    }

    /** Each at the same price. */
    record PerUnit(Price unit) implements OfUsage {
        @Override
        public String text() {
            return "per_unit";
        }

        @Override
        public List<TierPart> parts(Span span) {
            return List.of(TierPart.single(span.length(), unit));
        }
    }

    /** What lies in each tier at that tier's price; its fee when it is entered, the first tier's without any usage too. */
    record Graduated(List<Tier> tiers) implements OfUsage {
        /** @throws OperatorException category INPUT where the tiers are not in order */
        public Graduated {
            tiers = Tier.checked(tiers);
        }

        @Override
        public String text() {
            return "graduated";
        }

        @Override
        public List<TierPart> parts(Span span) {
            int entered = span.fresh() ? -1 : Tier.indexOf(tiers, span.from());
            int last = Tier.indexOf(tiers, span.to());
            List<TierPart> parts = new ArrayList<>();
            for (int i = Math.max(0, entered); i <= last; i++) {
                BigDecimal from = Tier.startOf(tiers, i);
                Ratio end = i == last ? span.to() : Ratio.of(tiers.get(i).upTo().orElseThrow());
                Ratio quantity = end.minus(Ratio.of(from).max(span.from()));
                Tier tier = tiers.get(i);
                if (quantity.signum() > 0 || i > entered || entered == last) {
                    parts.add(new TierPart(
                            from, tier.upTo(), quantity, tier.unit(), i > entered ? tier.flat() : Price.ZERO));
                }
            }
            return parts;
        }
    }

    /** All of it at the price of the tier in which the whole lies; that tier's fee when it is entered. More usage may cost less. */
    record Volume(List<Tier> tiers) implements OfUsage {
        /** @throws OperatorException category INPUT where the tiers are not in order */
        public Volume {
            tiers = Tier.checked(tiers);
        }

        @Override
        public String text() {
            return "volume";
        }

        @Override
        public List<TierPart> parts(Span span) {
            int at = Tier.indexOf(tiers, span.to());
            Tier tier = tiers.get(at);
            boolean entered = span.fresh() || Tier.indexOf(tiers, span.from()) != at;
            return List.of(new TierPart(
                    Tier.startOf(tiers, at),
                    tier.upTo(),
                    span.length(),
                    tier.unit(),
                    entered ? tier.flat() : Price.ZERO));
        }
    }

    /** Each package of {@code per} that was started, whole; none where nothing is billed. */
    record Packages(Price price) implements OfUsage {
        @Override
        public String text() {
            return "package";
        }

        @Override
        public List<TierPart> parts(Span span) {
            Ratio started = span.to().ceiling().minus(span.from().ceiling());
            return List.of(new TierPart(BigDecimal.ZERO, Optional.empty(), started, price, Price.ZERO));
        }
    }
}
