package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.ApiKeyText;
import io.counterfoil.sql.account.KeyScopes;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a CSV of keys; what is a key's text becomes its hash at once. Columns may be in another order than their header says: no
 * message quotes any value, since a key may stand in any column.
 */
final class KeyFile {
    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setIgnoreSurroundingSpaces(true)
            .get();

    private final AccountStore accounts;
    private final PlanStore plans;
    private final Map<String, Long> accountIds = new HashMap<>();
    private final Map<String, Long> planIds = new HashMap<>();

    KeyFile(AccountStore accounts, PlanStore plans) {
        this.accounts = accounts;
        this.plans = plans;
    }

    /** @throws OperatorException category INPUT, naming file, record and column */
    List<KeyStore.NewKey> read(Path file) {
        List<KeyStore.NewKey> keys = new ArrayList<>();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                CSVParser rows = FORMAT.parse(reader)) {
            List<String> columns = rows.getHeaderNames();
            boolean known = columns.contains("account") && columns.contains("label") && columns.contains("plan");
            if (!known || columns.contains("key") == columns.contains("sha256")) {
                // What stands in line 1 is not shown: where the header is missing, it is a key.
                throw OperatorException.input("key file " + file
                        + ": line 1 is no header of this form, expected account,label,plan and either key or sha256");
            }
            for (CSVRecord row : rows) {
                keys.add(key(row, columns, file + ", record " + row.getRecordNumber()));
            }
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            // Its message may quote the file.
            throw OperatorException.input("key file " + file + " cannot be read: "
                    + (Files.exists(file) ? "not a CSV with a header" : "it does not exist"));
        }
        return keys;
    }

    private KeyStore.NewKey key(CSVRecord row, List<String> columns, String where) {
        if (row.size() != columns.size()) {
            throw OperatorException.input(
                    where + " has " + row.size() + " fields, expected " + columns.size() + ". Nothing was imported");
        }
        String label = row.get("label");
        if (!KeyStore.LABEL.matcher(label).matches() || ApiKeyText.isWellFormed(label)) {
            throw wrong(where, "label", "1 to 128 printable ASCII characters without blanks at the ends, and no key");
        }
        return new KeyStore.NewKey(
                accountIds.computeIfAbsent(
                        row.get("account"),
                        name -> accounts.find(name)
                                .orElseThrow(() -> wrong(
                                        where, "account", "an account that exists: counterfoil account create NAME"))),
                Optional.of(row.get("plan"))
                        .filter(name -> !name.isEmpty())
                        .map(name -> planIds.computeIfAbsent(
                                name,
                                each -> plans.find(each)
                                        .orElseThrow(() -> wrong(
                                                where, "plan", "a plan that exists: counterfoil plan create NAME")))),
                label,
                Optional.of(columns.contains("key") ? hash(row.get("key"), where) : sha256(row.get("sha256"), where)),
                optional(row, columns, "scopes")
                        .map(text -> scopes(text, where))
                        .orElse(List.of()),
                optional(row, columns, "expires").map(text -> end(text, where)),
                where);
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
