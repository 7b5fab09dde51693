package io.counterfoil.sql.invoice;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.Decision;
import org.jdbi.v3.core.Jdbi;

/** Accounts whose invoices wait until somebody releases them. */
public final class HoldStore {
    private final Jdbi jdbi;

    public HoldStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Holds all invoices of an account that are not final yet. Under control_version: whoever finalises sees it, or was done before.
     *
     * @throws OperatorException category INPUT where it is held
     */
    public void hold(long account, Decision decision) {
        jdbi.useTransaction(handle -> {
            ControlVersion.hold(handle);
            int held = handle.createUpdate("insert into invoice_hold (account_id, placed_at, actor, reason)"
                            + " values (:account, :at, :actor, :reason)"
                            + " on conflict (account_id) where released_at is null do nothing")
                    .bind("account", account)
                    .bind("at", BillingRows.utc(decision.at()))
                    .bind("actor", decision.actor())
                    .bind("reason", decision.reason())
                    .execute();
            if (held == 0) {
                throw OperatorException.input("the account's invoices are held already, expected that they are not;"
                        + " what is held and why: counterfoil report unbilled");
            }
        });
    }

    /**
     * Lets them be finalised again.
     *
     * @throws OperatorException category INPUT where it is not held
     */
    public void release(long account, Decision decision) {
        jdbi.useTransaction(handle -> {
            int released = handle.createUpdate("update invoice_hold set released_at = :at, released_by = :actor,"
                            + " release_reason = :reason where account_id = :account and released_at is null")
                    .bind("account", account)
                    .bind("at", BillingRows.utc(decision.at()))
                    .bind("actor", decision.actor())
                    .bind("reason", decision.reason())
                    .execute();
            if (released == 0) {
                throw OperatorException.input("the account's invoices are not held, expected that they are; to hold"
                        + " them: counterfoil invoice hold --account NAME --reason WHY");
            }
        });
    }
}
