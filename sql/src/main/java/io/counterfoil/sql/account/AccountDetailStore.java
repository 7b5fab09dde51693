package io.counterfoil.sql.account;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What invoices say of accounts, and in which time zone their periods begin. */
public final class AccountDetailStore {
    private static final String INSERT = SqlFile.read("account/insert-accounts.sql");
    private static final String CONFLICTS = SqlFile.read("account/account-conflicts.sql");
    private static final String FREE = SqlFile.read("account/free-external-ids.sql");
    private static final String SAVE = SqlFile.read("account/save-accounts.sql");
    private static final String UNIQUE_VIOLATION = "23505";

    private final Jdbi jdbi;

    public AccountDetailStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * What is said of an account.
     *
     * @param values of the fields that are given; empty: none
     * @param where for messages: which line of which file, or the command
     */
    public record Row(String name, Map<AccountField, Optional<String>> values, String where) {
        /** @throws OperatorException category INPUT where the name is none, a text is not of its field, or half a tax is given */
        public Row {
            values = Map.copyOf(values);
            AccountStore.checkName(name);
            values.forEach((field, value) -> value.filter(text -> !field.takes(text))
                    .ifPresent(text -> {
                        throw OperatorException.input(
                                field.text() + " is '" + text + "' (" + where + "), expected " + field.expected());
                    }));
            boolean named =
                    values.getOrDefault(AccountField.TAX_NAME, Optional.empty()).isPresent();
            boolean rated = values.getOrDefault(AccountField.TAX_PERCENT, Optional.empty())
                    .isPresent();
            if (named != rated
                    || values.containsKey(AccountField.TAX_NAME) != values.containsKey(AccountField.TAX_PERCENT)) {
                throw OperatorException.input(
                        "tax_name and tax_percent (" + where + ") are not both given, expected both or none");
            }
        }
    }

    /** How many accounts were new, and how many of the others were changed. */
    public record Saved(int created, int changed) {}

    /**
     * Sets fields of accounts, all or none.
     *
     * @param rows of the same fields each, of each account one
     * @param create whether an account that is not there is made; else it is left out
     * @throws OperatorException category INPUT where an external id is another account's, or the time zone is to change of one that has
     *     a final invoice: what its periods would have in common would be billed twice, or never
     */
    public Saved save(List<Row> rows, boolean create, Instant now) {
        if (rows.isEmpty()) {
            return new Saved(0, 0);
        }
        Set<AccountField> fields = rows.get(0).values().keySet();
        try {
            return jdbi.inTransaction(handle -> {
                if (fields.contains(AccountField.TIME_ZONE)) {
                    if (fields.contains(AccountField.EXTERNAL_ID)) {
                        ExternalIdLock.take(handle);
                    }
                    ControlVersion.hold(handle);
                }
                return save(handle, rows, fields, create, now);
            });
        } catch (UnableToExecuteStatementException e) {
            if (e.getCause() instanceof SQLException sql && UNIQUE_VIOLATION.equals(sql.getSQLState())) {
                throw OperatorException.input("an external id was taken by another account just now; run this again");
            }
            throw e;
        }
    }

    private static Saved save(Handle handle, List<Row> rows, Set<AccountField> fields, boolean create, Instant now) {
        List<String> names = rows.stream().map(Row::name).toList();
        refuseConflicts(handle, rows, names, fields);
        Set<String> created = new HashSet<>();
        if (create) {
            created.addAll(handle.createQuery(INSERT)
                    .bindArray("names", String.class, names)
                    .bind("now", now.atOffset(ZoneOffset.UTC))
                    .mapTo(String.class)
                    .list());
        }
        Set<String> changed = new HashSet<>();
        if (fields.contains(AccountField.EXTERNAL_ID)) {
            changed.addAll(handle.createQuery(FREE)
                    .bindArray("names", String.class, names)
                    .bindArray("external_ids", String.class, texts(rows, AccountField.EXTERNAL_ID))
                    .mapTo(String.class)
                    .list());
        }
        Query save = handle.createQuery(SAVE)
                .bindArray("names", String.class, names)
                .bindArray("fields", String.class, texts(fields))
                .bind("now", now.atOffset(ZoneOffset.UTC));
        for (AccountField field : AccountField.values()) {
            save.bindArray(field.text(), String.class, texts(rows, field));
        }
        changed.addAll(save.mapTo(String.class).list());
        changed.removeAll(created);
        return new Saved(created.size(), changed.size());
    }

    private static void refuseConflicts(Handle handle, List<Row> rows, List<String> names, Set<AccountField> fields) {
        List<String> faults = handle.createQuery(CONFLICTS)
                .bindArray("names", String.class, names)
                .bindArray("fields", String.class, texts(fields))
                .bindArray("external_ids", String.class, texts(rows, AccountField.EXTERNAL_ID))
                .bindArray("time_zones", String.class, texts(rows, AccountField.TIME_ZONE))
                .map((row, context) -> {
                    Row given = rows.get(row.getInt("row_no") - 1);
                    String value =
                            row.getString("field") + " is '" + row.getString("value") + "' (" + given.where() + "), ";
                    return row.getString("field").equals("time_zone")
                            ? value + "expected '" + row.getString("other") + "' as it is: account '" + given.name()
                                    + "' has final invoice " + row.getLong("invoice")
                                    + ", and periods of another zone would overlap those that are billed"
                            : value + "expected one that no other account has: it is that of '" + row.getString("other")
                                    + "'";
                })
                .list();
        if (!faults.isEmpty()) {
            throw OperatorException.input(String.join("\n", faults) + "\nNothing was changed");
        }
    }

    private static List<String> texts(Set<AccountField> fields) {
        return fields.stream().map(AccountField::text).toList();
    }

    private static List<String> texts(List<Row> rows, AccountField field) {
        List<String> texts = new ArrayList<>(rows.size());
        rows.forEach(row ->
                texts.add(row.values().getOrDefault(field, Optional.empty()).orElse(null)));
        return texts;
    }
}
