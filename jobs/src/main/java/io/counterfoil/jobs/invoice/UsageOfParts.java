package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.Bill.Part;
import io.counterfoil.jobs.invoice.Bill.Strand;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Usage;
import io.counterfoil.jobs.rating.Usage.RouteMeasure;
import io.counterfoil.sql.invoice.BilledSegment;
import io.counterfoil.sql.invoice.BillingRows;
import io.counterfoil.sql.invoice.SegmentUsage;
import io.counterfoil.sql.invoice.SubscribedSpan.KeyName;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What was used in each part of some bills, read with one statement. */
final class UsageOfParts {
    /** By identity: two bills may have equal parts. */
    private final IdentityHashMap<Part, Map<RouteMeasure, BigDecimal>> usage = new IdentityHashMap<>();

    private UsageOfParts() {}

    static UsageOfParts read(List<Bill> bills, BillingRows rows) {
        return read(bills, rows::usage);
    }

    /** @param rows reads the usage of segments, in whatever order */
    static UsageOfParts read(List<Bill> bills, Function<List<BilledSegment>, List<SegmentUsage>> rows) {
        List<BilledSegment> segments = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < bills.size(); i++) {
            for (Strand strand : bills.get(i).strands()) {
                for (Part part : strand.parts()) {
                    segments.add(new BilledSegment(
                            i,
                            parts.size(),
                            bills.get(i).account().accountId(),
                            strand.key().map(KeyName::keyId),
                            part.planId(),
                            part.within().from(),
                            part.within().to()));
                    parts.add(part);
                }
            }
        }
        UsageOfParts read = new UsageOfParts();
        for (SegmentUsage row : rows.apply(segments)) {
            Map<RouteMeasure, BigDecimal> of =
                    read.usage.computeIfAbsent(parts.get(row.segment()), part -> new HashMap<>());
            of.put(new RouteMeasure(row.route(), Measure.REQUESTS), row.requests());
            of.put(new RouteMeasure(row.route(), Measure.UNITS), row.units());
            of.put(new RouteMeasure(row.route(), Measure.BYTES_OUT), row.bytesOut());
        }
        return read;
    }

    Usage of(Part part) {
        Map<RouteMeasure, BigDecimal> used = usage.get(part);
        return used == null ? Usage.NONE : new Usage(used);
    }
}
