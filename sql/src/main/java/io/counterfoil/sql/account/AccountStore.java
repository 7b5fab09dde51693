package io.counterfoil.sql.account;

import io.counterfoil.sql.OperatorException;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/** Who is billed. */
public final class AccountStore {
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
        if (name.isBlank() || !name.equals(name.strip()) || name.length() > 128) {
            throw OperatorException.input(
                    "account name is '" + name + "', expected 1 to 128 characters without blanks at its ends");
        }
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

    /** @throws OperatorException category INPUT where there is no account of that name */
    public long require(String name) {
        return find(name)
                .orElseThrow(() -> OperatorException.input(
                        "account '" + name + "' does not exist; create it: counterfoil account create '" + name + "'"));
    }
}
