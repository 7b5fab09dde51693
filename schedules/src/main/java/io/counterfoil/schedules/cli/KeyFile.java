package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads a CSV of keys; what is a key's text becomes its hash at once and stands in no message. */
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

    /** @throws OperatorException category INPUT, naming file and line */
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
        String hash;
        if (columns.contains("key")) {
            if (row.get("key").isEmpty()) {
                throw OperatorException.input(where + " has no key. Nothing was imported");
            }
            hash = KeyStore.hash(row.get("key"));
        } else {
            hash = row.get("sha256").toLowerCase(Locale.ROOT);
            if (!hash.matches("[0-9a-f]{64}")) {
                throw OperatorException.input(where + ": sha256 is not 64 hex digits. Nothing was imported");
            }
        }
        return new KeyStore.NewKey(
                accountIds.computeIfAbsent(row.get("account"), accounts::require),
                Optional.of(planIds.computeIfAbsent(row.get("plan"), plans::require)),
                row.get("label"),
                Optional.of(hash),
                optional(row, columns, "scopes")
                        .map(text -> List.of(text.split(" +")))
                        .orElse(List.of()),
                optional(row, columns, "expires").map(text -> Times.instant("expires (" + where + ")", text)),
                where);
    }

    private static Optional<String> optional(CSVRecord row, List<String> columns, String column) {
        return columns.contains(column)
                ? Optional.of(row.get(column)).filter(text -> !text.isBlank())
                : Optional.empty();
    }
}
