package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.invoice.Draft.Because;
import io.counterfoil.jobs.invoice.Finalised;
import io.counterfoil.sql.OperatorException;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** How finalising goes on, and what came of it. */
final class FinaliseReport {
    private static final long EVERY_NANOS = 2_000_000_000L;

    private final PrintStream err;
    private final LongSupplier nanos;
    private final long began;
    private long told;

    /** @param nanos of a clock that only goes forward */
    FinaliseReport(PrintStream err, LongSupplier nanos) {
        this.err = err;
        this.nanos = nanos;
        this.began = nanos.getAsLong();
        this.told = began;
    }

    /** Tells what is done so far, every two seconds. */
    void progress(Finalised soFar) {
        long now = nanos.getAsLong();
        if (now - told >= EVERY_NANOS) {
            told = now;
            err.println(String.format(
                    Locale.ROOT,
                    "%,d accounts, %,d invoices, %,.0f accounts a second",
                    soFar.accounts(),
                    soFar.invoices(),
                    soFar.accounts() * 1e9 / (now - began)));
        }
    }

    /** @param asked the period and, where it is for one alone, the account, as options */
    static String text(Finalised done, String asked) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%,d %s of %,d accounts %s final%s%n",
                done.invoices(),
                done.invoices() == 1 ? "invoice" : "invoices",
                done.accounts(),
                done.invoices() == 1 ? "is" : "are",
                done.numbers()
                        .map(numbers -> numbers.first() == numbers.last()
                                ? ", number " + numbers.first()
                                : ", numbers " + numbers.first() + " to " + numbers.last())
                        .orElse("")));
        done.totals()
                .forEach((currency, total) -> text.append("total ")
                        .append(currency)
                        .append(' ')
                        .append(PriceTable.grouped(total.toPlainString()))
                        .append(System.lineSeparator()));
        for (Because because : Because.values()) {
            Long count = done.waiting().get(because);
            if (count != null) {
                text.append(String.format(
                        Locale.ROOT,
                        "%,d %s %s; first %s; %s%n",
                        count,
                        count == 1 ? "waits," : "wait,",
                        why(because),
                        done.firstWaiting().get(because),
                        next(because, asked)));
            }
        }
        done.open()
                .first()
                .ifPresent(first -> text.append(String.format(
                        Locale.ROOT,
                        "%,d earlier %s ended and %s not final; next: counterfoil invoice finalise --period %s%s%n",
                        done.open().periods(),
                        done.open().periods() == 1 ? "period has" : "periods have",
                        done.open().periods() == 1 ? "is" : "are",
                        first,
                        asked.contains(" ") ? asked.substring(asked.indexOf(' ')) : "")));
        return text.toString();
    }

    private static String why(Because because) {
        return switch (because) {
            case NOT_ENDED -> "their periods go on";
            case HELD -> "their accounts are held";
            case INCOMPLETE -> "their hours are not all complete";
        };
    }

    private static String next(Because because, String asked) {
        return switch (because) {
            case NOT_ENDED -> "run it again once they have ended";
            case HELD -> "counterfoil invoice release --account NAME --reason WHY";
            case INCOMPLETE ->
                "counterfoil hours --incomplete says what is missing; to bill them as they are: counterfoil invoice"
                        + " finalise --period " + asked + " --incomplete --reason WHY";
        };
    }

    static ObjectNode json(Finalised done) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("accounts", done.accounts()).put("invoices", done.invoices());
        json.put("first_number", done.numbers().map(Finalised.Numbers::first).orElse(null));
        json.put("last_number", done.numbers().map(Finalised.Numbers::last).orElse(null));
        ObjectNode totals = json.putObject("totals");
        done.totals().forEach((currency, total) -> totals.put(currency, total.toPlainString()));
        ObjectNode waiting = json.putObject("waiting");
        for (Because because : Because.values()) {
            waiting.putObject(because.name().toLowerCase(Locale.ROOT))
                    .put("drafts", done.waiting().getOrDefault(because, 0L))
                    .put("first", done.firstWaiting().get(because));
        }
        json.putObject("open_earlier")
                .put("periods", done.open().periods())
                .put("first", done.open().first().map(Object::toString).orElse(null));
        json.putObject("faults")
                .put("accounts", done.faults().accounts())
                .put("first", done.faults().first().orElse(null));
        return json;
    }

    /** @throws OperatorException category INPUT where something waits that a person can do something about now */
    static void requireComplete(Finalised done, String asked) {
        done.faults().first().ifPresent(first -> {
            throw OperatorException.input(done.faults().accounts()
                    + (done.faults().accounts() == 1 ? " account" : " accounts")
                    + " cannot be billed, expected none; first "
                    + first + "; the others were billed");
        });
        Long waiting = done.waiting().get(Because.INCOMPLETE);
        if (waiting != null) {
            throw OperatorException.input(waiting + (waiting == 1 ? " invoice is" : " invoices are")
                    + " not final, since hours are not complete; first "
                    + done.firstWaiting().get(Because.INCOMPLETE) + "; expected all; "
                    + next(Because.INCOMPLETE, asked));
        }
    }
}
