package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.Draft.Because;
import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.invoice.BilledAccount;
import io.counterfoil.sql.invoice.BillingRows;
import io.counterfoil.sql.invoice.InvoiceStore;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

import java.time.InstantSource;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Drafts and finalises the invoices of a month: of all periods that begin in it, each in its account's zone. A draft is a function of what
 * the database holds: twice the same is the same. Finalising drafts again, under control_version, a page of accounts a transaction; a run
 * that ended early goes on where it was when it is run again.
 */
public final class InvoiceJob {
    /** So many accounts that a merge waits for a fraction of a second. */
    private static final int PAGE = 500;

    private final Jdbi jdbi;
    private final InstantSource clock;

    public InvoiceJob(Jdbi jdbi, InstantSource clock) {
        this.jdbi = jdbi;
        this.clock = clock;
    }

    /**
     * Gives the drafts of what is not final yet, in the order of the accounts' numbers. All of one state of the database.
     *
     * @param only one account's number; empty: all
     * @throws OperatorException after all others, why an account cannot be billed
     */
    public void draft(YearMonth month, Optional<Long> only, Consumer<Draft> to) {
        DraftPages pages = new DraftPages(month, clock.instant());
        jdbi.useTransaction(TransactionIsolationLevel.REPEATABLE_READ, handle -> {
            handle.execute("set transaction read only");
            // Whoever reads the drafts, a pager for one, may take its time.
            handle.execute("set local idle_in_transaction_session_timeout = 0");
            BillingRows rows = new BillingRows(handle);
            PlanVersions versions = new PlanVersions(rows);
            List<OperatorException> faults = new ArrayList<>();
            List<BilledAccount> accounts = rows.accounts(0, only, PAGE);
            while (!accounts.isEmpty()) {
                DraftPages.Page page = pages.of(accounts, rows, versions);
                page.drafts().forEach(to);
                page.faults().forEach(fault -> faults.add(fault.why()));
                accounts = rows.accounts(last(accounts), only, PAGE);
            }
            if (!faults.isEmpty()) {
                throw faults.get(0);
            }
        });
    }

    /**
     * Makes final what can be: periods that have ended, whose hours are complete, of accounts that nobody holds.
     *
     * @param only one account's number; empty: all
     * @param override who says to bill incomplete hours too, and why; what is counted later is adjusted on the next invoice
     * @param progress told after each page what is done so far
     */
    public Finalised finalise(
            YearMonth month, Optional<Long> only, Optional<Decision> override, Consumer<Finalised> progress) {
        DraftPages pages = new DraftPages(month, clock.instant());
        Finalised.Count count = new Finalised.Count();
        long after = 0;
        while (true) {
            long from = after;
            long last = jdbi.inTransaction(
                    TransactionIsolationLevel.READ_COMMITTED,
                    handle -> page(handle, pages, from, only, override, count));
            if (last == from) {
                return count.soFar();
            }
            after = last;
            progress.accept(count.soFar());
        }
    }

    /** The last account's number of a page; where there was none, {@code after}. */
    private long page(
            Handle handle,
            DraftPages pages,
            long after,
            Optional<Long> only,
            Optional<Decision> override,
            Finalised.Count count) {
        // First of all: what merges commit is seen whole, or comes after the invoices and finds its hours billed.
        long version = ControlVersion.next(handle);
        BillingRows rows = new BillingRows(handle);
        List<BilledAccount> accounts = rows.accounts(after, only, PAGE);
        if (accounts.isEmpty()) {
            return after;
        }
        DraftPages.Page page = pages.of(accounts, rows, new PlanVersions(rows));
        List<Draft> ready = page.drafts().stream()
                .filter(draft -> draft.waits().isEmpty()
                        || (override.isPresent() && draft.waits().get().because() == Because.INCOMPLETE))
                .toList();
        long first = ready.isEmpty()
                ? 0
                : new InvoiceStore(handle, version)
                        .insert(
                                ready.stream().map(Draft::invoice).toList(),
                                new InvoiceStore.Finalising(clock.instant(), override));
        count.add(accounts.size(), page, ready, first);
        return last(accounts);
    }

    private static long last(List<BilledAccount> accounts) {
        return accounts.get(accounts.size() - 1).accountId();
    }
}
