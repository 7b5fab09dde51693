package io.counterfoil.schedules.cli;

import io.counterfoil.schedules.cli.SheetFile.Line;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyLifeStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.account.SubscriptionStore.Change;
import io.counterfoil.sql.account.SubscriptionStore.Subject;
import io.counterfoil.sql.hours.Decision;
import org.jdbi.v3.core.Jdbi;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a CSV of subscriptions. What stands in the column of keys is not shown: it may be a key. */
final class SubscriptionFile {
    private static final List<String> REQUIRED = List.of("account", "plan", "since");
    private static final List<String> COLUMNS =
            List.of("account", "key", "plan", "version", "since", "actor", "reason");

    private final SheetFile sheet;
    private final Decision byDefault;
    private final PlanStore plans;
    private final List<Line> lines;
    private final Map<String, Long> accounts;
    private final Map<String, Subject> keys;
    private final Map<String, Optional<Long>> planIds = new HashMap<>();

    private record Target(Subject subject, Instant since) {}

    private SubscriptionFile(Path file, Jdbi jdbi, Decision byDefault) {
        this.sheet = new SheetFile(file);
        this.byDefault = byDefault;
        this.plans = new PlanStore(jdbi);
        this.lines = sheet.read(REQUIRED, COLUMNS);
        this.accounts = new AccountStore(jdbi).byName(texts("account"));
        this.keys = new KeyLifeStore(jdbi).byLabel(texts("key"));
    }

    /**
     * Reads it.
     *
     * @param byDefault who and why, where a row does not say
     * @throws OperatorException category INPUT with every fault found
     */
    static List<Change> read(Path file, Jdbi jdbi, Decision byDefault) {
        return new SubscriptionFile(file, jdbi, byDefault).changes();
    }

    private List<String> texts(String column) {
        return lines.stream()
                .flatMap(line -> line.text(column).stream())
                .distinct()
                .toList();
    }

    private List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        Map<Target, Long> seen = new HashMap<>();
        for (Line line : lines) {
            change(line).ifPresent(change -> {
                Long first = seen.putIfAbsent(new Target(change.subject(), change.since()), line.number());
                if (first != null) {
                    sheet.fault(line, "since", "each hour of an account or key once: it is in line " + first + " too");
                }
                changes.add(change);
            });
        }
        sheet.throwIfAny();
        return changes;
    }

    private Optional<Change> change(Line line) {
        Optional<Subject> subject = subject(line);
        Optional<Optional<Long>> plan = plan(line);
        Optional<Instant> since = since(line);
        if (subject.isEmpty() || plan.isEmpty() || since.isEmpty()) {
            return Optional.empty();
        }
        try {
            Decision decision = new Decision(
                    line.text("actor").orElse(byDefault.actor()),
                    line.text("reason").orElse(byDefault.reason()),
                    byDefault.at());
            return Optional.of(new Change(subject.get(), since.get(), plan.get(), decision, sheet.where(line)));
        } catch (OperatorException e) {
            sheet.note(line, e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<Subject> subject(Line line) {
        Long account = line.text("account").map(accounts::get).orElse(null);
        if (account == null) {
            sheet.fault(line, "account", "an account that exists: counterfoil account list");
            return Optional.empty();
        }
        Optional<String> label = line.text("key");
        if (label.isEmpty()) {
            return Optional.of(new Subject(account, Optional.empty()));
        }
        Subject key = keys.get(KeyStore.hash(label.get()));
        if (key == null || key.account() != account) {
            sheet.note(
                    line,
                    "key is no label of a key of that account, expected one: counterfoil key list; what stands there is"
                            + " not shown, it may be a key");
            return Optional.empty();
        }
        return Optional.of(key);
    }

    /** Empty where it has a fault; an empty plan in it: none. */
    private Optional<Optional<Long>> plan(Line line) {
        Optional<String> name = line.text("plan");
        Optional<String> version = line.text("version");
        if (name.isEmpty()) {
            if (version.isPresent()) {
                sheet.fault(line, "version", "none where there is no plan");
                return Optional.empty();
            }
            return Optional.of(Optional.empty());
        }
        Optional<Long> plan = planIds.computeIfAbsent(
                name.get() + version.map(number -> "@" + number).orElse(""), plans::find);
        if (plan.isEmpty()) {
            sheet.note(
                    line,
                    "plan is '" + name.get() + "'"
                            + version.map(number -> ", version '" + number + "'")
                                    .orElse("")
                            + ", expected one that exists: counterfoil plan list");
            return Optional.empty();
        }
        return Optional.of(plan);
    }

    private Optional<Instant> since(Line line) {
        try {
            return Optional.of(Times.instant("since", line.text("since").orElse("")));
        } catch (OperatorException e) {
            sheet.fault(line, "since", "a whole hour of UTC, as 2026-11-01T05:00:00Z, or a date");
            return Optional.empty();
        }
    }
}
