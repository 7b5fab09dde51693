package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.invoice.BilledWorld.Used;
import io.counterfoil.jobs.invoice.Draft.Because;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.invoice.HoldStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is final stays as it is, in Postgres itself; and what is not to be final is not made so. */
final class FinalInvoiceTest {
    private static final Instant NOW = Instant.parse("2026-11-05T00:00:00Z");

    private final BilledWorld world = new BilledWorld();
    private final long account = world.account("Acme");
    private final long key = world.key(account, "acme-1");

    @BeforeEach
    void subscribe() {
        world.subscribe(
                account,
                Optional.empty(),
                Optional.of(world.plan(Cards.simple("team", "10.00", "0.01"))),
                "2026-10-01T00:00:00Z");
        world.merge(List.of(Used.of(key, "2026-10-10T05:00:00Z", 100)), NOW);
    }

    @Test
    void cannotBeChangedByTheOwnerOfTheTablesEither() {
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        for (String statement : List.of(
                "update invoice set total = 0, net = 0, tax = 0",
                "update invoice set number = 7",
                "delete from invoice_line",
                "delete from invoice",
                "update invoice_line set amount = 1 where number = 1",
                "truncate invoice cascade",
                "truncate invoice_line",
                "insert into invoice_line (number, line, kind, name, amount) values (1, 99, 'charge', 'more', 1)",
                "insert into invoice_line (number, line, kind, name, amount) values (7, 1, 'charge', 'of none', 1)")) {
            assertThatThrownBy(() -> world.jdbi().useHandle(handle -> handle.execute(statement)))
                    .as(statement)
                    .hasMessageContaining("a final invoice is never changed");
        }
        assertThat(world.invoices()).containsExactly("1 Acme 2026-10-01 11.00 0.00 11.00");
    }

    @Test
    void cannotBeChangedByTheRoleThatMakesIt() {
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        for (String statement :
                List.of("update invoice set total = 0", "delete from invoice_line", "truncate invoice cascade")) {
            assertThatThrownBy(() -> world.jdbi().useHandle(handle -> {
                        handle.execute("set role counterfoil_jobs");
                        handle.execute(statement);
                    }))
                    .as(statement)
                    .hasMessageContaining("permission denied");
        }
    }

    @Test
    void isMadeOnceHoweverOftenItIsAskedFor() {
        Finalised first = world.finalise("2026-10", "2026-11-05T00:00:00Z");
        Finalised second = world.finalise("2026-10", "2026-11-05T00:00:00Z");

        assertThat(first.invoices()).isOne();
        assertThat(first.totals()).hasToString("{EUR=11.00}");
        assertThat(second.invoices()).isZero();
        assertThat(world.drafts("2026-10", "2026-11-05T00:00:00Z")).isEmpty();
        assertThat(world.invoices()).hasSize(1);
    }

    @Test
    void waitsForThePeriodsEnd() {
        Finalised early = world.finalise("2026-10", "2026-10-31T23:00:00Z");
        assertThat(early.waiting()).containsEntry(Because.NOT_ENDED, 1L);
        assertThat(world.invoices()).isEmpty();
    }

    @Test
    void waitsForHoursThatAreNotCompleteUnlessSomebodySaysOtherwise() {
        world.jdbi().useHandle(handle -> handle.execute("update edge_roster set through = '2026-10-31T22:30:00Z'"));

        Finalised refused = world.finalise("2026-10", "2026-11-05T00:00:00Z");
        assertThat(refused.invoices()).isZero();
        assertThat(refused.firstWaiting()).containsEntry(Because.INCOMPLETE, "Acme: 2 of 744 hours are not complete");

        world.finaliseIncomplete("2026-10", "2026-11-05T00:00:00Z");
        assertThat(world.texts("select actor || ', ' || reason || ', ' || incomplete_hours from invoice"))
                .containsExactly("erin, the edge burnt, 2");
    }

    @Test
    void waitsWhileItsAccountIsHeld() {
        HoldStore holds = new HoldStore(world.jdbi());
        holds.hold(account, new Decision("erin", "they dispute it", NOW));
        assertThat(world.finalise("2026-10", "2026-11-05T00:00:00Z").firstWaiting())
                .containsEntry(Because.HELD, "Acme: held: they dispute it");
        // Somebody else's decision on hours does not release it.
        assertThat(world.finaliseIncomplete("2026-10", "2026-11-05T00:00:00Z").invoices())
                .isZero();

        holds.release(account, new Decision("erin", "settled", NOW));
        assertThat(world.finalise("2026-10", "2026-11-05T00:00:00Z").invoices()).isOne();
    }

    @Test
    void needsASeller() {
        world.jdbi().useHandle(handle -> handle.execute("delete from seller"));
        assertThatThrownBy(() -> world.finalise("2026-10", "2026-11-05T00:00:00Z"))
                .hasMessageContaining("there is no seller")
                .hasMessageContaining("counterfoil seller set");
        assertThat(world.invoices()).isEmpty();
    }

    @Test
    void keepsWhoSoldToWhomAsItWas() {
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        world.jdbi().useHandle(handle -> {
            handle.execute("update seller set name = 'Another'");
            handle.execute("update account set name = 'Acme II'");
        });
        assertThat(world.texts("select (seller->>'name') || ', ' || (buyer->>'name') from invoice"))
                .containsExactly("Seller & Sons, Acme");
    }

    @Test
    void cannotBeChangedByASessionThatLooksElsewhereForItsTables() {
        world.finalise("2026-10", "2026-11-05T00:00:00Z");
        for (String statement : List.of(
                "update public.invoice set total = 0, net = 0, tax = 0",
                "delete from public.invoice_line",
                "insert into public.invoice_line (number, line, kind, name, amount) values (1, 99, 'charge', 'more', 1)")) {
            assertThatThrownBy(() -> world.jdbi().useHandle(handle -> {
                        handle.execute("create schema if not exists elsewhere");
                        handle.execute("create table if not exists elsewhere.invoice (number bigint, made_in xid8)");
                        handle.execute("create table if not exists elsewhere.invoice_line (number bigint)");
                        handle.execute("set search_path = elsewhere, public");
                        handle.execute(statement);
                    }))
                    .as(statement)
                    .hasMessageContaining("a final invoice is never changed");
        }
    }

    @Test
    void isMadeAlsoWhereAnotherAccountCannotBeBilled() {
        long broken = world.account("Aardvark", "Atlantis/Sunken");
        world.jdbi()
                .useHandle(handle -> handle.execute(
                        "insert into subscription (account_id, plan_id, since, actor, reason, created_at)"
                                + " select ?, max(plan_id), '2026-10-01T00:00:00Z', 'test', 'test', now() from plan",
                        broken));
        Finalised done = world.finalise("2026-10", "2026-11-05T00:00:00Z");

        assertThat(done.invoices()).isOne();
        assertThat(done.faults().accounts()).isOne();
        assertThat(done.faults().first().orElseThrow())
                .startsWith("Aardvark: time zone of account 'Aardvark' is 'Atlantis/Sunken', expected");
        assertThatThrownBy(() -> world.drafts("2026-10", "2026-11-05T00:00:00Z"))
                .hasMessageContaining("Atlantis/Sunken");
    }

    @Test
    void doesNotWaitForHoursBeforeAnythingWasKnownButForThoseInWhichSomethingWasCounted() {
        world.jdbi().useHandle(handle -> handle.execute("update edge_roster set since = '2026-10-20T00:00:00Z'"));
        // Counted on the 10th, by whom nobody knows.
        assertThat(world.finalise("2026-10", "2026-11-05T00:00:00Z").firstWaiting())
                .containsEntry(Because.INCOMPLETE, "Acme: 1 of 744 hours are not complete");

        world.jdbi().useHandle(handle -> handle.execute("delete from usage_hourly"));
        assertThat(world.finalise("2026-10", "2026-11-05T00:00:00Z").invoices()).isOne();
    }

    @Test
    void waitsWhereNothingIsKnownAtAll() {
        world.jdbi().useHandle(handle -> handle.execute("delete from edge_roster"));
        assertThat(world.finalise("2026-10", "2026-11-05T00:00:00Z").firstWaiting())
                .containsEntry(Because.INCOMPLETE, "Acme: 744 of 744 hours are not complete");
    }
}
