package io.counterfoil.jobs.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.export.StripeFault;
import io.counterfoil.sql.export.StripeStore;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
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
 * batch is fixed in the ledger first, then written of it: its file can be written again, and holds the same bytes. A run that died in
 * between leaves {@code FILE.batch}, from which the next one to the same file ends it.
 *
 * <p>Stripe keeps an identifier for a day at least, and takes events of the last 35 days (docs.stripe.com, API reference, meter events).
 */
public final class StripeExportJob {
    /** Short of Stripe's 35 days by the time in which a file is to be posted. */
    private static final Duration OLDEST = Duration.ofDays(35).minus(Duration.ofHours(1));

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
     * @param earlier that it is not of this run, but of one that died before its file was there
     * @param refused what was asked for and not sent, and counts as not sent, a line each
     */
    public record Result(Optional<StripeStore.Batch> batch, boolean earlier, List<String> refused) {
        public Result {
            refused = List.copyOf(refused);
        }
    }

    /**
     * Sends what is due of these hours into a new file.
     *
     * @throws OperatorException category INPUT where the file is there or cannot be written, CORRUPT where less is billable than was sent:
     *     then nothing is
     */
    public Result send(List<StripeStore.Meter> meters, UsageRange range, Path target) {
        Path marker = target.resolveSibling(target.getFileName() + ".batch");
        try {
            Optional<StripeStore.Batch> unfinished = unfinished(marker);
            if (unfinished.isPresent()) {
                // What is there may be a part of it, without its manifest.
                write(unfinished.get(), NewFile::write, target, List.of());
                Files.deleteIfExists(marker);
                return new Result(unfinished, true, List.of());
            }
            if (Files.exists(target)) {
                throw new FileAlreadyExistsException(target.toString());
            }
            Instant now = clock.instant();
            Instant oldest = now.minus(OLDEST).truncatedTo(ChronoUnit.HOURS).plus(Duration.ofHours(1));
            StripeStore.Fixed fixed = store.fix(
                    new StripeStore.Asked(meters, range.from(), range.to(), oldest, now), each -> check(each, marker));
            List<String> refused =
                    fixed.faults().stream().map(fault -> refusal(fault, oldest)).toList();
            if (fixed.batch().isPresent()) {
                write(fixed.batch().get(), NewFile::create, target, refused);
                Files.deleteIfExists(marker);
            } else {
                nothing(range, target, refused);
            }
            return new Result(fixed.batch(), false, refused);
        } catch (FileAlreadyExistsException e) {
            throw OperatorException.input(
                    "--out " + target + " is there already, and may not have been posted; expected a new file's name");
        } catch (IOException | UncheckedIOException e) {
            throw unwritable(target, e);
        }
    }

    /**
     * Writes a batch's file again: the same bytes. It may replace what is there.
     *
     * @throws OperatorException category INPUT where there is no such batch, or the file cannot be written
     */
    public Result again(long number, Path target) {
        StripeStore.Batch batch = store.find(number)
                .orElseThrow(() -> OperatorException.input("batch is " + number + ", expected one that was fixed"
                        + store.last().map(last -> ": the last is " + last).orElse(": there is none yet")));
        try {
            write(batch, NewFile::write, target, List.of());
        } catch (IOException | UncheckedIOException e) {
            throw unwritable(target, e);
        }
        return new Result(Optional.of(batch), true, List.of());
    }

    private static OperatorException unwritable(Path target, Exception e) {
        return OperatorException.input("--out " + target + " cannot be written: " + e.getMessage()
                + "; run it again with the same --out once that is mended: what was fixed is not lost");
    }

    /** What a run fixed that died before its file was there. */
    private Optional<StripeStore.Batch> unfinished(Path marker) throws IOException {
        if (!Files.exists(marker)) {
            return Optional.empty();
        }
        String text = Files.readString(marker).strip();
        if (!text.matches("[0-9]{1,18}")) {
            throw OperatorException.corrupt(
                    marker + " holds no batch's number; see which batch was the last, and write it:"
                            + " counterfoil export stripe --again BATCH --out FILE; then delete " + marker);
        }
        return store.find(Long.parseLong(text));
    }

    /** Before it is fixed: the file's batch is known, whenever this process dies. */
    private void check(StripeStore.Fixed fixed, Path marker) throws IOException {
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
        // Nobody else fixes anything meanwhile: a marker is of a batch that is there, or of one that never came to be.
        Optional<StripeStore.Batch> other = unfinished(marker);
        if (other.isPresent()) {
            throw OperatorException.input(
                    "batch " + other.get().number() + " was fixed by another run to the same --out just"
                            + " now; nothing was fixed by this one, run it again with another --out");
        }
        if (fixed.batch().isEmpty()) {
            Files.deleteIfExists(marker);
        } else {
            DurableFiles.replace(marker, (fixed.batch().get().number() + "\n").getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static String refusal(StripeFault fault, Instant oldest) {
        String why = fault.reason() == StripeFault.Reason.TOO_OLD
                ? "Stripe takes nothing older than 35 days, from " + oldest + " on"
                : "the account has no external id, the customer's at Stripe; set it: counterfoil account set";
        return "account '" + fault.account() + "', " + fault.event() + ", " + fault.hours() + " hours from "
                + fault.first() + " to " + fault.last() + ", "
                + fault.used().subtract(fault.sent()).toPlainString() + " in all: " + why;
    }

    private interface Placed {
        WholeFile write(Path target, NewFile.Content content) throws IOException;
    }

    private void write(StripeStore.Batch batch, Placed placed, Path target, List<String> refused) throws IOException {
        Map<String, BigDecimal> totals = new TreeMap<>();
        WholeFile whole = placed.write(target, out -> events(batch.number(), out, totals));
        Map<String, String> parameters = parameters(new UsageRange(batch.from(), batch.to()));
        parameters.put("batch", Long.toString(batch.number()));
        new Manifest("stripe", "jsonl", parameters, batch.events(), totals, refused, whole, version).write(target);
    }

    private void nothing(UsageRange range, Path target, List<String> refused) throws IOException {
        WholeFile whole = NewFile.create(target, out -> {});
        new Manifest("stripe", "jsonl", parameters(range), 0, Map.of(), refused, whole, version).write(target);
    }

    private static Map<String, String> parameters(UsageRange range) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("from", range.from().toString());
        parameters.put("to", range.to().toString());
        return parameters;
    }

    private void events(long batch, OutputStream out, Map<String, BigDecimal> totals) throws IOException {
        try (JsonGenerator json =
                JsonFactory.builder().build().createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
            store.events(batch, event -> {
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
