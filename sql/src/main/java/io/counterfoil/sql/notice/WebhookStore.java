package io.counterfoil.sql.notice;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.hours.Decision;
import org.jdbi.v3.core.Jdbi;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;

/** Accounts' receivers of webhooks. Their secrets are not here, nor anywhere: see {@link Target.Secret}. */
public final class WebhookStore {
    private static final String DISABLE = SqlFile.read("notice/disable-endpoint.sql");

    private final Jdbi jdbi;

    public WebhookStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** An endpoint's number, and what its secret is derived of. */
    public record Endpoint(long number, Target.Secret secret) {}

    /**
     * Creates an endpoint, which gets the account's notices from now on.
     *
     * @param keyId of the key that its secret is derived of
     */
    public Endpoint create(long account, String url, String keyId, Decision decision) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "insert into webhook_endpoint (account_id, url, key_id, since, created_at, decided_by)"
                                + " values (:account, :url, :key, :now, :now, :by) returning *")
                .bind("account", account)
                .bind("url", url)
                .bind("key", keyId)
                .bind("now", NoticeStore.utc(decision.at()))
                .bind("by", by(decision))
                .map((row, context) -> endpoint(row))
                .one());
    }

    /**
     * Gives an endpoint another secret; the former one signs too, until then. Where the key is another one than before, the former
     * secret cannot be derived any more and ends now.
     *
     * @throws OperatorException category INPUT where there is no such endpoint
     */
    public Endpoint rotate(long number, String keyId, Instant formerUntil, Decision decision) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "update webhook_endpoint set generation = generation + 1, decided_by = :by, key_id = :key,"
                                + " former_until = case when key_id = :key then :until::timestamptz end"
                                + " where endpoint_id = :number returning *")
                .bind("number", number)
                .bind("key", keyId)
                .bind("until", NoticeStore.utc(formerUntil))
                .bind("by", by(decision))
                .map((row, context) -> endpoint(row))
                .findOne()
                .orElseThrow(() -> none(number)));
    }

    /**
     * Sends an endpoint nothing more; what was outstanding is dead.
     *
     * @return false where it was disabled already
     * @throws OperatorException category INPUT where there is no such endpoint
     */
    public boolean disable(long number, Decision decision) {
        require(number);
        return disable(number, by(decision), Optional.of(by(decision)), decision.at());
    }

    /** As {@link #disable}, by what the receiver answered. */
    public boolean gone(long number, String reason, Instant now) {
        return disable(number, reason, Optional.empty(), now);
    }

    private boolean disable(long number, String reason, Optional<String> by, Instant now) {
        return jdbi.inTransaction(handle -> handle.createQuery(DISABLE)
                .bind("endpoint", number)
                .bind("now", NoticeStore.utc(now))
                .bind("reason", reason)
                .bind("decided_by", by.orElse(null))
                .mapTo(Long.class)
                .findOne()
                .isPresent());
    }

    /**
     * Sends an endpoint notices again, those that are raised from now on.
     *
     * @return false where it was not disabled
     * @throws OperatorException category INPUT where there is no such endpoint
     */
    public boolean enable(long number, Decision decision) {
        require(number);
        return jdbi.withHandle(handle -> handle.createUpdate(
                                "update webhook_endpoint set disabled_at = null, disabled_reason = null, since = :now, decided_by = :by"
                                        + " where endpoint_id = :number and disabled_at is not null")
                        .bind("now", NoticeStore.utc(decision.at()))
                        .bind("by", by(decision))
                        .bind("number", number)
                        .execute())
                > 0;
    }

    private void require(long number) {
        jdbi.withHandle(handle -> handle.createQuery("select 1 from webhook_endpoint where endpoint_id = :number")
                .bind("number", number)
                .mapTo(Long.class)
                .findOne()
                .orElseThrow(() -> none(number)));
    }

    private static OperatorException none(long number) {
        return OperatorException.input(
                "webhook is " + number + ", expected the number of one; those there are: counterfoil webhook list");
    }

    private static String by(Decision decision) {
        return decision.actor() + ": " + decision.reason();
    }

    private static Endpoint endpoint(ResultSet row) throws SQLException {
        return new Endpoint(
                row.getLong("endpoint_id"),
                new Target.Secret(
                        row.getObject("salt", UUID.class),
                        row.getInt("generation"),
                        Optional.ofNullable(row.getObject("former_until", OffsetDateTime.class))
                                .map(OffsetDateTime::toInstant)));
    }
}
