package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.plans.Period;
import io.counterfoil.jobs.rating.RatedPeriod;
import io.counterfoil.sql.invoice.NewInvoice;

import java.util.Optional;

/**
 * What an invoice would be, from what is counted now.
 *
 * @param account its name
 * @param rated its lines, as they were rated; in the order of {@code invoice.lines()}
 * @param waits why it cannot be final yet; empty: it can
 */
public record Draft(
        String account,
        BillingPeriod calendar,
        Period period,
        RatedPeriod rated,
        NewInvoice invoice,
        Optional<Wait> waits) {
    /**
     * Why it cannot be final yet.
     *
     * @param text for people, with numbers
     */
    public record Wait(Because because, String text) {}

    /** What it waits for. */
    public enum Because {
        /** The period goes on. */
        NOT_ENDED,
        /** Somebody holds the account's invoices. */
        HELD,
        /** The log of some of its hours is not proven whole. */
        INCOMPLETE
    }
}
