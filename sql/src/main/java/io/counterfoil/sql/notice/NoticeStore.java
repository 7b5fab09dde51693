package io.counterfoil.sql.notice;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatement;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The outbox and its deliveries. At least once: a claim that ran out is free again, whatever became of who held it. Each call is a
 * transaction of its own; several processes may use it at once.
 */
public final class NoticeStore {
    private static final String FAN_OUT = SqlFile.read("notice/fan-out.sql");
    private static final String CLAIM = SqlFile.read("notice/claim.sql");
    private static final String WAITING = SqlFile.read("notice/waiting.sql");
    private static final String GIVE_UP_STALE = SqlFile.read("notice/give-up-stale.sql");
    private static final String RETRY = SqlFile.read("notice/retry.sql");
    private static final int FAN_OUT_NOTICES = 5000;

    private final Jdbi jdbi;

    public NoticeStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Makes deliveries of all new notices, once a notice and target; returns how many. */
    public long fanOut(Instant now) {
        record Fanned(long notices, long deliveries) {}
        long deliveries = 0;
        while (true) {
            Fanned fanned = jdbi.inTransaction(handle -> handle.createQuery(FAN_OUT)
                    .bind("now", utc(now))
                    .bind("most", FAN_OUT_NOTICES)
                    .map((row, context) -> new Fanned(row.getLong("notices"), row.getLong("deliveries")))
                    .one());
            deliveries += fanned.deliveries();
            if (fanned.notices() < FAN_OUT_NOTICES) {
                return deliveries;
            }
        }
    }

    /** Gives up what was never tried and is no news any more; returns how many. */
    public int giveUpStale(Instant now) {
        return jdbi.withHandle(handle ->
                handle.createUpdate(GIVE_UP_STALE).bind("now", utc(now)).execute());
    }

    /**
     * What whoever claims can send.
     *
     * @param webhookKey the id of the key that it derives webhooks' secrets of; empty: it has none
     */
    public record Means(boolean mail, Optional<String> webhookKey) {}

    /**
     * How much to claim.
     *
     * @param busy endpoints to leave alone; 0 is all mail
     */
    public record Portion(int most, int perTarget, Collection<Long> busy) {}

    /** Takes what is due, the longest due first; empty where nothing is. */
    public List<Delivery> claim(Means means, Portion portion, Instant now, Instant until) {
        Instant lease = until.truncatedTo(ChronoUnit.MICROS);
        return jdbi.inTransaction(handle -> means(handle.createQuery(CLAIM), means, now)
                .bind("until", utc(lease))
                .bindArray("busy", Long.class, portion.busy().toArray())
                .bind("most", portion.most())
                .bind("per_target", portion.perTarget())
                .map((row, context) -> DeliveryRows.read(row, lease))
                .list());
    }

    /** It arrived; true also where the claim had run out. */
    public void delivered(Delivery delivery, Optional<Integer> status, Instant now) {
        jdbi.useHandle(handle -> handle.createUpdate(
                        "update notice_delivery set delivered_at = :now, dead_at = null, claimed_until = null, last_error = null,"
                                + " last_status = cast(:status as int) where delivery_id = :id and delivered_at is null")
                .bind("now", utc(now))
                .bind("status", status.orElse(null))
                .bind("id", delivery.id())
                .execute());
    }

    /**
     * How an attempt failed.
     *
     * @param error for the operator; holds no secret
     */
    public record Failure(Optional<Integer> status, String error) {}

    /** It did not arrive, and is tried again then; never where that is empty. Nothing where the claim is another's by now. */
    public void failed(Delivery delivery, Failure failure, Optional<Instant> again, Instant now) {
        jdbi.useHandle(handle -> handle.createUpdate(
                        "update notice_delivery set claimed_until = null, last_status = cast(:status as int), last_error = :error,"
                                + " next_attempt_at = coalesce(cast(:again as timestamptz), next_attempt_at),"
                                + " dead_at = case when cast(:again as timestamptz) is null then :now::timestamptz end"
                                + " where delivery_id = :id and claimed_until = :claimed and delivered_at is null and dead_at is null")
                .bind("status", failure.status().orElse(null))
                .bind("error", failure.error())
                .bind("again", again.map(NoticeStore::utc).orElse(null))
                .bind("now", utc(now))
                .bind("id", delivery.id())
                .bind("claimed", utc(delivery.claimedUntil()))
                .execute());
    }

    /** What is due and stays so, for want of the means. */
    public record Waiting(long mails, long webhooks) {}

    /** What these means are not enough for. */
    public Waiting waiting(Means means, Instant now) {
        return jdbi.withHandle(handle -> means(handle.createQuery(WAITING), means, now)
                .map((row, context) -> new Waiting(row.getLong("mails"), row.getLong("webhooks")))
                .one());
    }

    /**
     * What became of dead letters that were to be sent again.
     *
     * @param disabled how many stay dead, since their endpoint is disabled
     */
    public record Retried(long deliveries, long disabled) {}

    /**
     * Makes a dead delivery due again, or all of them; their attempts begin anew.
     *
     * @throws OperatorException category INPUT where that one is not dead, or its endpoint is disabled
     */
    public Retried retry(Optional<Long> delivery, Instant now) {
        Retried retried = jdbi.inTransaction(handle -> handle.createQuery(RETRY)
                .bind("now", utc(now))
                .bind("id", delivery.orElse(null))
                .map((row, context) -> new Retried(row.getLong("retried"), row.getLong("disabled")))
                .one());
        if (delivery.isPresent() && retried.deliveries() == 0) {
            throw OperatorException.input(
                    retried.disabled() > 0
                            ? "delivery " + delivery.get()
                                    + " is of a disabled endpoint; expected one that is enabled: see"
                                    + " counterfoil webhook list, then counterfoil webhook enable NUMBER --reason TEXT"
                            : "delivery is " + delivery.get()
                                    + ", expected the number of a dead one; those there are: counterfoil notices list --dead");
        }
        return retried;
    }

    private static <T extends SqlStatement<T>> T means(T statement, Means means, Instant now) {
        return statement
                .bind("now", utc(now))
                .bind("mail", means.mail())
                .bind("key_id", means.webhookKey().orElse(null));
    }

    static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
