package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.plans.BillingZone;
import io.counterfoil.schedules.cli.SheetFile.Line;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountDetailStore;
import io.counterfoil.sql.account.AccountField;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads a CSV of accounts. */
final class AccountFile {
    private static final List<String> COLUMNS = Stream.concat(
                    Stream.of("name"), Arrays.stream(AccountField.values()).map(AccountField::text))
            .toList();

    private AccountFile() {}

    /** @throws OperatorException category INPUT with every fault found */
    static List<AccountDetailStore.Row> read(Path file) {
        SheetFile sheet = new SheetFile(file);
        List<AccountDetailStore.Row> rows = new ArrayList<>();
        Map<String, Long> named = new HashMap<>();
        Map<String, Long> ids = new HashMap<>();
        for (Line line : sheet.read(List.of("name"), COLUMNS)) {
            String name = line.text("name").orElse("");
            once(sheet, line, "name", named);
            once(sheet, line, AccountField.EXTERNAL_ID.text(), ids);
            values(sheet, line).ifPresent(values -> {
                try {
                    rows.add(new AccountDetailStore.Row(name, values, sheet.where(line)));
                } catch (OperatorException e) {
                    sheet.note(line, e.getMessage());
                }
            });
        }
        sheet.throwIfAny();
        return rows;
    }

    private static void once(SheetFile sheet, Line line, String column, Map<String, Long> seen) {
        line.text(column).ifPresent(text -> {
            Long first = seen.putIfAbsent(text, line.number());
            if (first != null) {
                sheet.fault(line, column, "each once: it is in line " + first + " too");
            }
        });
    }

    /** Empty where a cell has a fault, which is noted. */
    private static Optional<Map<AccountField, Optional<String>>> values(SheetFile sheet, Line line) {
        Map<AccountField, Optional<String>> values = new HashMap<>();
        boolean fine = true;
        for (AccountField field : AccountField.values()) {
            if (sheet.has(field.text())) {
                Optional<String> value = line.text(field.text());
                values.put(field, value);
                if (value.isPresent() && !field.takes(value.get())) {
                    sheet.fault(line, field.text(), field.expected());
                    fine = false;
                } else if (field == AccountField.TIME_ZONE && value.isPresent()) {
                    fine &= zone(sheet, line, value.get());
                }
            }
        }
        return fine ? Optional.of(values) : Optional.empty();
    }

    private static boolean zone(SheetFile sheet, Line line, String name) {
        try {
            BillingZone.named(name);
            return true;
        } catch (OperatorException e) {
            sheet.note(line, e.getMessage());
            return false;
        }
    }
}
