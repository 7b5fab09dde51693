package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.ApiKeyText;
import io.counterfoil.sql.account.KeyScopes;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.KeyTerms;
import io.counterfoil.sql.account.PlanStore;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a CSV of keys; what is a key's text becomes its hash at once. Columns may be in another order than their header says: no
 * message quotes any value, since a key may stand in any column. A file with a column {@code state} is one that {@code key export}
 * wrote, with the keys' hashes beside or without: a row without one is a key that is known by its label.
 */
final class KeyFile {
    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setIgnoreSurroundingSpaces(true)
            .get();

    private static final List<String> REQUIRED = List.of("account", "label", "plan");
    private static final String STATE = "state";
    private static final String DISABLED = "disabled";
    private static final Set<String> STATES = Set.of("active", "label only", "expired", DISABLED);

    private final AccountStore accounts;
    private final PlanStore plans;
    private final Map<String, Long> accountIds = new HashMap<>();
    private final Map<String, Long> planIds = new HashMap<>();
    private final Set<String> labels = new HashSet<>();

    KeyFile(AccountStore accounts, PlanStore plans) {
        this.accounts = accounts;
        this.plans = plans;
    }

    /** @throws OperatorException category INPUT, naming file, record and column */
    List<KeyStore.NewKey> read(Path file) {
        List<KeyStore.NewKey> keys = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            SheetFile.skipByteOrderMark(reader);
            try (CSVParser rows = FORMAT.parse(reader)) {
                List<String> columns = rows.getHeaderNames();
                checkHeader(file, columns);
                for (CSVRecord row : rows) {
                    keys.add(key(row, columns, file + ", record " + row.getRecordNumber()));
                }
            }
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            // Its message may quote the file.
            throw OperatorException.input("key file " + file + " cannot be read: "
                    + (Files.exists(file) ? "not a CSV with a header" : "it does not exist"));
        }
        return keys;
    }

    /** A misspelt column of keys may not make keys of which nobody has the text. */
    private static void checkHeader(Path file, List<String> columns) {
        boolean keys = columns.contains("key");
        boolean hashes = columns.contains("sha256");
        boolean any = keys || hashes || columns.contains(STATE);
        if (!columns.containsAll(REQUIRED) || !any || (keys && hashes)) {
            // What stands in line 1 is not shown: where the header is missing, it is a key.
            throw OperatorException.input("key file " + file
                    + ": line 1 is no header of this form, expected account,label,plan and either key or sha256, or all"
                    + " that 'key export' writes");
        }
    }

    private KeyStore.NewKey key(CSVRecord row, List<String> columns, String where) {
        if (row.size() != columns.size()) {
            throw OperatorException.input(
                    where + " has " + row.size() + " fields, expected " + columns.size() + ". Nothing was imported");
        }
        String label = SheetText.read(row.get("label"));
        if (!KeyStore.LABEL.matcher(label).matches() || ApiKeyText.isWellFormed(label)) {
            throw wrong(where, "label", "1 to 128 printable ASCII characters without blanks at the ends, and no key");
        }
        Optional<String> hash = secret(row, columns, where);
        if (!labels.add(label) && hash.isEmpty()) {
            throw wrong(where, "label", "each label once where there is no key beside it");
        }
        return new KeyStore.NewKey(
                account(SheetText.read(row.get("account")), where),
                plan(SheetText.read(row.get("plan")), optional(row, columns, "version"), where),
                label,
                hash,
                terms(row, columns, where),
                where);
    }

    private long account(String name, String where) {
        return accountIds.computeIfAbsent(
                name,
                each -> accounts.find(each)
                        .orElseThrow(() ->
                                wrong(where, "account", "an account that exists: counterfoil account create NAME")));
    }

    private Optional<Long> plan(String name, Optional<String> version, String where) {
        if (name.isEmpty()) {
            if (version.isPresent()) {
                throw wrong(where, "version", "none where there is no plan");
            }
            return Optional.empty();
        }
        String versioned = name + version.map(number -> "@" + number).orElse("");
        return Optional.of(planIds.computeIfAbsent(
                versioned,
                each -> plans.find(each)
                        .orElseThrow(() ->
                                wrong(where, "plan", "a plan that exists, and its version: counterfoil plan list"))));
    }

    private static Optional<String> secret(CSVRecord row, List<String> columns, String where) {
        String column = columns.contains("key") ? "key" : "sha256";
        boolean given = columns.contains(column) && !row.get(column).isEmpty();
        if (!given && columns.contains(STATE)) {
            return Optional.empty();
        }
        return Optional.of(column.equals("key") ? hash(row.get(column), where) : sha256(row.get(column), where));
    }

    private static KeyTerms terms(CSVRecord row, List<String> columns, String where) {
        Optional<String> state = optional(row, columns, STATE);
        if (state.isPresent() && !STATES.contains(state.get())) {
            throw wrong(where, STATE, "active, label only, expired or disabled");
        }
        Optional<String> externalId = optional(row, columns, "external_id").map(SheetText::read);
        if (externalId.isPresent() && !KeyTerms.isExternalId(externalId.get())) {
            throw wrong(where, "external_id", KeyTerms.EXTERNAL_ID);
        }
        return new KeyTerms(
                optional(row, columns, "scopes")
                        .map(text -> scopes(text, where))
                        .orElse(List.of()),
                optional(row, columns, "expires").map(text -> end(text, where)),
                state.equals(Optional.of(DISABLED)),
                externalId);
    }

    private static String hash(String key, String where) {
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > ApiKeyText.MAX_BYTES) {
            throw wrong(where, "key", "1 to " + ApiKeyText.MAX_BYTES + " bytes: edges admit no longer one");
        }
        return KeyStore.hash(key);
    }

    private static String sha256(String text, String where) {
        String hash = text.toLowerCase(Locale.ROOT);
        if (!hash.matches("[0-9a-f]{64}")) {
            throw wrong(where, "sha256", "64 hex digits");
        }
        return hash;
    }

    private static List<String> scopes(String text, String where) {
        List<String> names = List.of(text.split(" +"));
        boolean fine =
                names.stream().allMatch(name -> KeyScopes.NAME.matcher(name).matches());
        if (!fine || names.stream().distinct().count() > KeyScopes.MAX) {
            throw wrong(
                    where,
                    "scopes",
                    "at most " + KeyScopes.MAX + " names with blanks between, each 1 to 64 lower-case letters, digits,"
                            + " dots, dashes, underscores or colons, a letter or digit first");
        }
        return names;
    }

    private static Instant end(String text, String where) {
        try {
            Instant end = Times.instant("expires", text);
            KeyStore.checkEnd(end);
            return end;
        } catch (OperatorException e) {
            // Quotes the text.
            throw wrong(where, "expires", "a time between 1990 and 2999, as 2031-01-01T00:00:00Z or 2031-01-01");
        }
    }

    private static OperatorException wrong(String where, String column, String expected) {
        return OperatorException.input(where + ", column " + column + ": expected " + expected
                + "; what stands there is not shown, it may be a key. Nothing was imported");
    }

    private static Optional<String> optional(CSVRecord row, List<String> columns, String column) {
        return columns.contains(column)
                ? Optional.of(row.get(column)).filter(text -> !text.isBlank())
                : Optional.empty();
    }
}
