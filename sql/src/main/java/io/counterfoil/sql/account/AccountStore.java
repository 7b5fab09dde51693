package io.counterfoil.sql.account;

import io.counterfoil.sql.OperatorException;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Who is billed. */
public final class AccountStore {
    /** One address, bare, without quoting: nothing that a mail's head could read otherwise. */
    private static final Pattern MAIL =
            Pattern.compile("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?");

    private static final Pattern NAME = Pattern.compile("\\S(.{0,126}\\S)?", Pattern.UNICODE_CHARACTER_CLASS);

    private final Jdbi jdbi;

    public AccountStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Creates an account; returns its number.
     *
     * @throws OperatorException category INPUT where the name or the external id is taken, or the name is none
     */
    public long create(String name, Optional<String> externalId, Instant now) {
        checkName(name);
        return jdbi.withHandle(handle -> handle.createQuery("insert into account (name, external_id, created_at)"
                        + " values (:name, :externalId, :now) on conflict do nothing returning account_id")
                .bind("name", name)
                .bind("externalId", externalId)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .mapTo(Long.class)
                .findOne()
                .orElseThrow(() -> OperatorException.input("account '" + name + "'"
                        + externalId.map(id -> " (external id " + id + ")").orElse("")
                        + " cannot be created: its name or external id is taken")));
    }

    /** @throws OperatorException category INPUT where no account may be called so */
    static void checkName(String name) {
        if (!NAME.matcher(name).matches() || name.chars().anyMatch(Character::isISOControl)) {
            throw OperatorException.input(
                    "account name is '" + name + "', expected 1 to 128 characters without blanks at its ends");
        }
    }

    static boolean isMail(String text) {
        return MAIL.matcher(text).matches();
    }

    /** The account of that name, created where there is none. */
    public long ensure(String name, Instant now) {
        jdbi.useHandle(handle -> handle.createUpdate(
                        "insert into account (name, created_at) values (:name, :now) on conflict do nothing")
                .bind("name", name)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .execute());
        return find(name).orElseThrow();
    }

    public Optional<Long> find(String name) {
        return jdbi.withHandle(handle -> handle.createQuery("select account_id from account where name = :name")
                .bind("name", name)
                .mapTo(Long.class)
                .findOne());
    }

    /** Numbers of those that exist, by name. */
    public Map<String, Long> byName(Collection<String> names) {
        Map<String, Long> found = new HashMap<>();
        jdbi.useHandle(handle -> handle.createQuery(
                        "select name, account_id from account where name in (select unnest(:names))")
                .bindArray("names", String.class, names.toArray())
                .map((row, context) -> Map.entry(row.getString("name"), row.getLong("account_id")))
                .forEach(entry -> found.put(entry.getKey(), entry.getValue())));
        return found;
    }

    /** @throws OperatorException category INPUT where there is no account of that name */
    public long require(String name) {
        return find(name)
                .orElseThrow(() -> OperatorException.input(
                        "account '" + name + "' does not exist; create it: counterfoil account create '" + name + "'"));
    }

    /**
     * Sets at which percents of a quota the account is told, from the next count on. What was told stays told.
     *
     * @throws OperatorException category INPUT where these are not 1 to 10 numbers from 1 to 1000
     */
    public void notifyAt(long account, List<Integer> percents) {
        List<Integer> sorted = percents.stream().distinct().sorted().toList();
        if (sorted.isEmpty() || sorted.size() > 10 || sorted.get(0) < 1 || sorted.get(sorted.size() - 1) > 1000) {
            throw OperatorException.input(
                    "thresholds are " + percents + ", expected 1 to 10 percents from 1 to 1000, as 80,100");
        }
        jdbi.useHandle(handle -> handle.createUpdate(
                        "update account set notice_thresholds = :percents where account_id = :account")
                .bindArray("percents", Integer.class, sorted.toArray())
                .bind("account", account)
                .execute());
    }

    /**
     * Sets where the account's notices are mailed to, those that are raised from now on; empty: nowhere. What is on its way to a former
     * address goes there.
     *
     * @throws OperatorException category INPUT where it is no address
     */
    public void mailTo(long account, Optional<String> address, Instant now) {
        address.filter(text -> !MAIL.matcher(text).matches()).ifPresent(text -> {
            throw OperatorException.input("mail address is '" + text + "', expected one as ops@example.com");
        });
        jdbi.useHandle(handle -> handle.createUpdate("update account set notice_email = cast(:address as text),"
                        + " notice_email_since = case when notice_email = cast(:address as text) then notice_email_since when cast(:address as text) is not null then :now::timestamptz end"
                        + " where account_id = :account")
                .bind("address", address.orElse(null))
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("account", account)
                .execute());
    }
}
