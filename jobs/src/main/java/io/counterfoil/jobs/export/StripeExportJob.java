package io.counterfoil.jobs.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.export.StripeFault;
import io.counterfoil.sql.export.StripeStore;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Billable usage as Stripe's billing meter events, a JSON object a line: only what was not sent before, by account, event name and hour. A
 * batch is fixed in the ledger first, then written of it, then noted as written: a run may die at any point, its file can be
 * written again, and holds the same bytes. Nothing else is fixed before that is done.
 *
 * <p>Stripe keeps an identifier for a day at least, takes events of the last 35 days and none of the future, and values of at most 15 digits
 * (docs.stripe.com, API reference, meter events).
 */
public final class StripeExportJob {
    /** Short of Stripe's 35 days by the time in which a file is to be posted. */
    private static final Duration OLDEST = Duration.ofDays(35).minus(Duration.ofHours(1));

    private static final long MOST = 999_999_999_999_999L;

    private final StripeStore store;
    private final InstantSource clock;
    private final String version;

    /** @param version of Counterfoil, for the manifest */
    public StripeExportJob(StripeStore store, InstantSource clock, String version) {
        this.store = store;
        this.clock = clock;
        this.version = version;
    }

    /**
     * What became of it.
     *
     * @param batch the file's; empty where nothing was due
     * @param refused what was asked for and not sent, and counts as not sent, a line each
     */
    public record Result(Optional<StripeStore.Batch> batch, List<String> refused) {
        public Result {
            refused = List.copyOf(refused);
        }
    }

    /**
     * Sends what is due of these hours into a new file.
     *
     * @throws OperatorException category INPUT where the file is there or cannot be written, or an earlier batch's was not: nothing was
     *     fixed unless the message names its batch; CORRUPT where less is billable than was sent: then nothing is
     */
    public Result send(List<StripeStore.Meter> meters, UsageRange range, Path target) {
        return inTurn(target, turn -> {
            turn.unwritten().ifPresent(batch -> {
                throw OperatorException.input("batch " + batch.number() + ", fixed at " + batch.madeAt()
                        + ", counts as sent, and its run did not end: its file may not be there; nothing was sent now. "
                        + writeIt(batch) + ", and then run this again");
            });
            if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                throw OperatorException.input("--out " + target
                        + " is there already, and may not have been posted; expected a new file's name");
            }
            Instant now = clock.instant();
            Instant oldest = now.minus(OLDEST).truncatedTo(ChronoUnit.HOURS).plus(Duration.ofHours(1));
            StripeStore.Fixed fixed = turn.fix(
                    new StripeStore.Asked(meters, range.from(), range.to(), oldest, now, MOST), StripeExportJob::check);
            List<String> refused = fixed.faults().stream()
                    .map(fault -> refusal(fault, oldest, now))
                    .toList();
            if (fixed.batch().isPresent()) {
                write(turn, fixed.batch().get(), target, refused);
            } else {
                WholeFile whole = NewFile.create(target, out -> {});
                new Manifest("stripe", "jsonl", parameters(range), 0, Map.of(), refused, whole, version).write(target);
            }
            return new Result(fixed.batch(), refused);
        });
    }

    /**
     * Writes a batch's file again: the same bytes. Where they are there already, with their manifest, they stay.
     *
     * @throws OperatorException category INPUT where there is no such batch, the file cannot be written, or another one has its name
     */
    public Result again(long number, Path target) {
        return inTurn(target, turn -> {
            StripeStore.Batch batch = turn.find(number)
                    .orElseThrow(() -> OperatorException.input("batch is " + number + ", expected one that was fixed"
                            + store.last().map(last -> ": the last is " + last).orElse(": there is none yet")));
            write(turn, batch, target, List.of());
            return new Result(Optional.of(batch), List.of());
        });
    }

    /** The file's lock comes first: a second run to the same file is told so at once, and does not wait for its turn. */
    private Result inTurn(Path target, StripeStore.Work<Result> work) {
        try (ExportLock lock = ExportLock.of(target)) {
            return store.exclusively(work);
        } catch (IOException | UncheckedIOException e) {
            throw OperatorException.input("--out " + target + " cannot be written: " + e.getMessage());
        }
    }

    private static String writeIt(StripeStore.Batch batch) {
        return "Write it: counterfoil export stripe --again " + batch.number() + " --out FILE";
    }

    /** Before it is fixed. */
    private static void check(StripeStore.Fixed fixed) {
        for (StripeFault fault : fixed.faults()) {
            if (fault.reason() == StripeFault.Reason.LESS) {
                throw OperatorException.corrupt("of account '" + fault.account() + "', " + fault.event() + ", hours "
                        + fault.first() + " to " + fault.last() + ", "
                        + fault.used().toPlainString()
                        + " is billable and " + fault.sent().toPlainString()
                        + " was sent, expected never less; nothing was sent now. Usage never shrinks: a subscription was"
                        + " changed for the past, or the meter counts something else now. Take the difference back at"
                        + " Stripe (meter event adjustments), or leave these hours out");
            }
        }
    }

    private static String refusal(StripeFault fault, Instant oldest, Instant now) {
        String why = switch (fault.reason()) {
            case TOO_OLD -> "Stripe takes nothing older than 35 days, from " + oldest + " on";
            case AHEAD ->
                "it is ahead of this machine's clock, " + now
                        + ", and Stripe takes nothing of the future; send it once it is past";
            case TOO_LARGE -> "Stripe takes at most " + MOST + " as one value, and a value is an hour's";
            case NO_EXTERNAL_ID ->
                "the account has no external id, the customer's at Stripe; set it: counterfoil account set NAME --external-id ID";
            case LESS -> throw new IllegalStateException("less than was sent is no refusal but an error");
        };
        return "account '" + fault.account() + "', " + fault.event() + ", " + fault.hours() + " hours from "
                + fault.first() + " to " + fault.last() + ", "
                + fault.used().subtract(fault.sent()).toPlainString() + " in all: " + why;
    }

    private void write(StripeStore.Turn turn, StripeStore.Batch batch, Path target, List<String> refused) {
        try {
            Map<String, BigDecimal> totals = new TreeMap<>();
            WholeFile whole = NewFile.create(target, out -> events(turn, batch.number(), out, totals));
            if (!Manifest.fits(target, whole)) {
                Map<String, String> parameters = parameters(new UsageRange(batch.from(), batch.to()));
                parameters.put("batch", Long.toString(batch.number()));
                new Manifest("stripe", "jsonl", parameters, batch.events(), totals, refused, whole, version)
                        .write(target);
            }
        } catch (FileAlreadyExistsException e) {
            throw OperatorException.input("--out " + target + " is there already, and is not the file of batch "
                    + batch.number() + ", which counts as sent. " + writeIt(batch) + ", FILE being a new name");
        } catch (IOException | UncheckedIOException e) {
            throw OperatorException.input("--out " + target + " cannot be written: " + e.getMessage() + "; batch "
                    + batch.number() + " is fixed, and counts as sent. " + writeIt(batch));
        }
        turn.written(batch.number(), clock.instant());
    }

    private static Map<String, String> parameters(UsageRange range) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("from", range.from().toString());
        parameters.put("to", range.to().toString());
        return parameters;
    }

    private static void events(StripeStore.Turn turn, long batch, OutputStream out, Map<String, BigDecimal> totals)
            throws IOException {
        try (JsonGenerator json =
                JsonFactory.builder().build().createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
            turn.events(batch, event -> {
                json.writeStartObject();
                json.writeStringField("identifier", event.identifier());
                json.writeStringField("event_name", event.event());
                json.writeNumberField("timestamp", event.second());
                json.writeObjectFieldStart("payload");
                json.writeStringField("stripe_customer_id", event.customer());
                json.writeStringField("value", Long.toString(event.value()));
                json.writeEndObject();
                json.writeEndObject();
                totals.merge(event.event(), BigDecimal.valueOf(event.value()), BigDecimal::add);
            });
            json.writeRaw('\n');
        }
    }
}
