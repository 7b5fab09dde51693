package io.counterfoil.jobs.dispute;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.invoice.FinalLines;
import io.counterfoil.jobs.plans.PlanJson;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.dispute.DisputeRows;
import io.counterfoil.sql.dispute.DisputeRows.Billing;
import io.counterfoil.sql.dispute.DisputeRows.Scope;
import io.counterfoil.sql.dispute.KeySpan;
import io.counterfoil.sql.invoice.BillingRows;
import io.counterfoil.sql.invoice.FinalInvoice;
import io.counterfoil.sql.invoice.FinalInvoices;
import io.counterfoil.sql.invoice.FinalLine;
import io.counterfoil.sql.invoice.InvoiceLine;
import io.counterfoil.sql.invoice.LineQuery;
import io.counterfoil.sql.invoice.LineQuery.HourOfLine;
import org.jdbi.v3.core.Handle;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads what is disputed, in one transaction. */
final class DisputeReader {
    private final Handle handle;
    private final DisputeRows rows;
    private final BillingRows billing;
    private final Map<Long, Set<Outcome>> billable = new HashMap<>();

    DisputeReader(Handle handle) {
        this.handle = handle;
        this.rows = new DisputeRows(handle);
        this.billing = new BillingRows(handle);
    }

    Dispute invoice(long number) {
        FinalInvoice invoice = new FinalInvoices(handle).require(number);
        invoice.credits().ifPresent(of -> {
            throw OperatorException.input("invoice " + number + " is a credit, which counts no usage, expected an"
                    + " invoice: counterfoil dispute --invoice " + of);
        });
        Scope scope = new Scope(
                invoice.of().accountId(),
                Optional.empty(),
                invoice.of().from(),
                invoice.to(),
                Optional.of(invoice.of()));
        String account = FinalLines.detail(invoice.buyer()).path("name").asText();
        return new Dispute(
                file -> file.row("invoice")
                        .put(Column.LINE, number)
                        .put(Column.NAME, account)
                        .put(Column.HOUR, invoice.of().from())
                        .put(Column.UNTIL, invoice.to())
                        .put(Column.AMOUNT, invoice.total())
                        .put(Column.CURRENCY, invoice.of().currency())
                        .write(),
                scope,
                invoice.lines().stream().map(line -> line(invoice, line)).toList(),
                Dispute.byKey(rows.keySpans(scope)),
                rows.hours(scope),
                rows.batchesAfter(scope.account(), invoice.mergeNo()));
    }

    private DisputedLine line(FinalInvoice invoice, FinalLine line) {
        RatedLine rated = FinalLines.rated(line);
        InvoiceLine stored = line.stored();
        Optional<Counts> counts = rated.usage()
                .map(usage -> new Counts(
                        stored.plan().orElseThrow(),
                        stored.key(),
                        usage.meter().measure(),
                        usage.meter().routes(),
                        outcomes(stored.plan().orElseThrow())));
        Map<Instant, HourOfLine> hours = counts.map(of -> new LineQuery(
                                of.measure().text(),
                                invoice.of().accountId(),
                                of.plan(),
                                of.key(),
                                stored.hours().orElseThrow(),
                                new LineQuery.CountedRoutes(
                                        of.routes().only(), of.routes().except()),
                                invoice.mergeNo())
                        .hours(handle).stream()
                                .collect(Collectors.toMap(
                                        HourOfLine::hour, Function.identity(), (a, b) -> a, TreeMap::new)))
                .orElseGet(TreeMap::new);
        return new DisputedLine(
                line.line(),
                stored.name(),
                line.plan().map(FinalLine.PlanName::text),
                line.key(),
                stored.hours(),
                counts,
                stored.billed().map(InvoiceLine.Billed::quantity),
                Optional.of(stored.amount()),
                Rate.of(rated),
                hours,
                FinalLines.added(line));
    }

    private Set<Outcome> outcomes(long plan) {
        return billable.computeIfAbsent(
                plan,
                number -> billing.definition(number)
                        .map(text -> PlanJson.read(text).counted().billable())
                        .orElse(Set.of()));
    }

    Dispute hour(String label, Instant hour) {
        DisputeRows.Key key = rows.key(label)
                .orElseThrow(() -> OperatorException.input(
                        "key is '" + label + "', expected a key's label; they are: counterfoil key list"));
        Scope scope = new Scope(
                key.account(), Optional.of(key.key()), hour, hour.plus(Duration.ofHours(1)), Optional.empty());
        List<KeySpan> spans = rows.keySpans(scope);
        Optional<Billing> invoice = rows.invoiceOf(key.key(), hour);
        List<DisputeRows.Row> counted =
                rows.keyHour(key.key(), hour, invoice.map(Billing::mergeNo).orElse(Long.MAX_VALUE));
        List<DisputedLine> lines = spans.stream()
                .findFirst()
                .map(span -> charges(span, scope, counted))
                .orElse(List.of());
        return new Dispute(
                file -> head(file, key, label, scope, invoice),
                scope,
                lines,
                Dispute.byKey(spans),
                rows.hours(scope),
                invoice.map(of -> rows.batchesAfter(key.account(), of.mergeNo()))
                        .orElse(Set.of()));
    }

    private static void head(
            DisputeFile file, DisputeRows.Key key, String label, Scope scope, Optional<Billing> invoice) {
        file.row("key")
                .put(Column.NAME, key.accountName())
                .put(Column.KEY, label)
                .put(Column.HOUR, scope.from())
                .put(Column.UNTIL, scope.to())
                .put(
                        Column.RESULT,
                        invoice.map(of -> "billed by invoice " + of.number()).orElse("not billed by an invoice yet"))
                .write();
    }

    /** The charges of the plan in force, as lines: what of them the hour is. */
    private List<DisputedLine> charges(KeySpan span, Scope scope, List<DisputeRows.Row> counted) {
        Optional<PlanVersion> plan = billing.definition(span.plan()).map(PlanJson::read);
        List<DisputedLine> lines = new ArrayList<>();
        for (Charge charge : plan.map(of -> of.card().charges()).orElse(List.of())) {
            Optional<Counts> counts = charge.meter().map(meter -> counts(span, meter, plan.orElseThrow()));
            Map<Instant, HourOfLine> hours = new TreeMap<>();
            counts.ifPresent(of -> hours.put(scope.from(), sum(of, span, scope.from(), counted)));
            lines.add(new DisputedLine(
                    lines.size() + 1,
                    charge.name(),
                    Optional.of(plan.orElseThrow().ref().text()),
                    span.own() ? Optional.of(span.label()) : Optional.empty(),
                    Optional.of(new InvoiceLine.Hours(scope.from(), scope.to())),
                    counts,
                    Optional.empty(),
                    Optional.empty(),
                    Rate.of(charge),
                    hours,
                    List.of()));
        }
        return lines;
    }

    private static Counts counts(KeySpan span, Meter meter, PlanVersion plan) {
        return new Counts(
                span.plan(),
                span.own() ? Optional.of(span.key()) : Optional.empty(),
                meter.measure(),
                meter.routes(),
                plan.counted().billable());
    }

    private static HourOfLine sum(Counts counts, KeySpan span, Instant hour, List<DisputeRows.Row> counted) {
        BigDecimal now = BigDecimal.ZERO;
        BigDecimal later = BigDecimal.ZERO;
        for (DisputeRows.Row row : counted) {
            Outcome outcome = Outcome.valueOf(row.outcome().toUpperCase(Locale.ROOT));
            if (counts.counts(span, row.route(), outcome)) {
                now = now.add(counts.of(row.counted()));
                later = later.add(counts.of(row.later()));
            }
        }
        return new HourOfLine(hour, now, later);
    }
}
