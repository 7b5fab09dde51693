package io.counterfoil.jobs.plans;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.plans.PlanChange.Kind;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.OnPlanChange;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.RateCard;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.account.SubscriptionStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.limits.LimitStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class PlanApplyTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final UsageLimit LIMIT = UsageLimit.parse("1000/hour", "refuse");

    private final Jdbi jdbi = TestDatabase.fresh().jdbi();
    private final PlanApply apply = new PlanApply(jdbi);

    @Test
    void versionsAreMadeThenLeftAsTheyAre() {
        Catalogue catalogue = catalogue(plan("team", version(1, "29", LIMIT), version(2, "49", LIMIT)));

        assertThat(kinds(apply.run(catalogue, true, NOW))).containsExactly("team v1 new_plan", "team v2 new_version");
        assertThat(stored()).as("a dry run").isEmpty();
        long before = controlVersion();
        assertThat(kinds(apply.run(catalogue, false, NOW))).containsExactly("team v1 new_plan", "team v2 new_version");
        assertThat(controlVersion()).isEqualTo(before + 1);
        assertThat(kinds(apply.run(catalogue, false, NOW))).containsExactly("team v1 unchanged", "team v2 unchanged");
        assertThat(controlVersion()).as("nothing changed").isEqualTo(before + 1);
        assertThat(stored()).containsExactly(version(1, "29", LIMIT), version(2, "49", LIMIT));
        assertThat(texts(
                        "select p.name || p.version || ' ' || currency || ' ' || period_interval || ' ' || anchor_day || ' '"
                                + " || billable_outcomes::text || notice_thresholds::text || ' ' || quota || '/' || time_window || ' ' ||"
                                + " (l.version > 0) from plan p join plan_limit l using (plan_id) order by 1"))
                .containsExactly(
                        "team1 EUR quarterly 31 {success}{80,100} 1000/hour true",
                        "team2 EUR quarterly 31 {success}{80,100} 1000/hour true");
    }

    @Test
    void aVersionThatNobodyIsOnIsChangedFieldByFieldAndItsLimitsToo() {
        apply.run(catalogue(plan("team", version(1, "29", LIMIT))), false, NOW);
        UsageLimit other = UsageLimit.parse("50GiB/period", "warn", "account");

        List<PlanChange> changes = apply.run(catalogue(plan("team", version(1, "30", other))), false, NOW);

        assertThat(changes)
                .containsExactly(new PlanChange(
                        new PlanRef("team", 1),
                        Kind.CHANGED,
                        List.of(
                                new PlanChange.Field(
                                        "limit of bytes_out per account and period, then warn", "-", "50GiB/period"),
                                new PlanChange.Field("charge 'base fee' price", "29", "30"),
                                new PlanChange.Field(
                                        "limit of requests per key and hour, then refuse", "1000/hour", "-")),
                        0));
        assertThat(stored()).containsExactly(version(1, "30", other));
        assertThat(texts("select measure from plan_limit where ended_at is null"))
                .containsExactly("bytes_out");
        assertThat(kinds(apply.run(catalogue(plan("team", version(1, "30", other))), false, NOW)))
                .containsExactly("team v1 unchanged");
    }

    @Test
    void aVersionInUseIsRefusedWithWhatDiffersAndTheNextNumberAndNothingIsApplied() {
        apply.run(catalogue(plan("team", version(1, "29", LIMIT))), false, NOW);
        subscribe("team");
        Catalogue changed = catalogue(
                plan("team", version(1, "30", LIMIT), version(4, "50", LIMIT)), plan("fresh", version(1, "1")));

        for (boolean dryRun : List.of(true, false)) {
            assertThatThrownBy(() -> apply.run(changed, dryRun, NOW))
                    .isInstanceOf(OperatorException.class)
                    .hasMessage(
                            "plan 'team' version 1 is in use and never changes; it differs in charge 'base fee' price:"
                                    + " 29 -> 30. Leave it as it is, and write the change as version 5\nNothing was applied");
        }
        assertThat(stored()).containsExactly(version(1, "29", LIMIT));
        assertThat(kinds(apply.run(catalogue(plan("team", version(1, "29", LIMIT))), false, NOW)))
                .containsExactly("team v1 unchanged");
    }

    @Test
    void theOrderOfLimitsIsNoChange() {
        UsageLimit second = UsageLimit.parse("5/day", "warn");
        apply.run(catalogue(plan("team", version(1, "29", LIMIT, second))), false, NOW);

        assertThat(kinds(apply.run(catalogue(plan("team", version(1, "29", second, LIMIT))), false, NOW)))
                .containsExactly("team v1 unchanged");
    }

    @Test
    void whatTheFileLacksStaysAndPlansWithoutAFileAreTakenOverWhileNobodyIsOnThem() {
        new PlanStore(jdbi).create("old", List.of(LIMIT), NOW);
        new PlanStore(jdbi).create("team", List.of(LIMIT), NOW);
        new PlanStore(jdbi).create("busy", List.of(LIMIT), NOW);
        subscribe("busy");

        List<PlanChange> changes = apply.run(catalogue(plan("team", version(1, "29", LIMIT))), false, NOW);
        assertThat(kinds(changes)).containsExactly("team v1 changed", "busy v1 kept", "old v1 kept");
        assertThatThrownBy(() -> apply.run(catalogue(plan("busy", version(1, "29", LIMIT))), false, NOW))
                .hasMessageContaining(
                        "plan 'busy' version 1 is in use and never changes, it was made without a plans file")
                .hasMessageContaining("write the change as version 2");
        assertThatThrownBy(() -> new LimitStore(jdbi).replace(new PlanStore(jdbi).require("team"), List.of(LIMIT), NOW))
                .hasMessageContaining("plan 'team' comes from a plans file")
                .hasMessageContaining("counterfoil plan apply FILE");
        assertThatThrownBy(() -> new PlanStore(jdbi).create("team", List.of(LIMIT), NOW))
                .hasMessageContaining("the name is taken");
    }

    @Test
    void ofManyWhoApplyAtOnceOneMakesEachVersion() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Callable<List<PlanChange>>> runs =
                Collections.nCopies(8, () -> apply.run(catalogue(plan("team", version(1, "29", LIMIT))), false, NOW));
        List<String> kinds = new ArrayList<>();
        for (Future<List<PlanChange>> run : threads.invokeAll(runs)) {
            kinds.addAll(kinds(run.get()));
        }
        threads.shutdown();

        assertThat(kinds)
                .containsOnlyOnce("team v1 new_plan")
                .contains("team v1 unchanged")
                .hasSize(8);
        assertThat(texts("select count(*)::text from plan_limit")).containsExactly("1");
    }

    @Test
    void versionsDifferExactlyWhereAFieldDoes() {
        long seed = new Random().nextLong();
        RandomVersions versions = new RandomVersions(new Random(seed));
        for (int i = 0; i < 500; i++) {
            PlanVersion one = versions.version("plan", 1);
            PlanVersion other = versions.version("plan", 1);
            assertThat(PlanDiff.of(one, PlanJson.read(PlanJson.write(one))))
                    .as("seed %d", seed)
                    .isEmpty();
            assertThat(PlanDiff.of(one, other).isEmpty()).as("seed %d", seed).isEqualTo(one.equals(other));
        }
    }

    private void subscribe(String plan) {
        long account = new AccountStore(jdbi).ensure("Acme", NOW);
        new SubscriptionStore(jdbi)
                .subscribe(new SubscriptionStore.Change(
                        new SubscriptionStore.Subject(account, Optional.empty()),
                        NOW,
                        Optional.of(new PlanStore(jdbi).require(plan)),
                        new Decision("test", "test", NOW),
                        "test"));
    }

    private static Catalogue catalogue(Plan... plans) {
        return new Catalogue(List.of(plans));
    }

    private static Plan plan(String name, PlanVersion... versions) {
        return new Plan(
                name,
                List.of(versions).stream()
                        .map(each -> new PlanVersion(
                                new PlanRef(name, each.ref().version()),
                                each.period(),
                                each.limits(),
                                each.counted(),
                                each.onChange(),
                                each.card()))
                        .toList());
    }

    private static PlanVersion version(int number, String fee, UsageLimit... limits) {
        return new PlanVersion(
                new PlanRef("team", number),
                new BillingPeriod(BillingPeriod.Interval.QUARTERLY, 31),
                List.of(limits),
                new PlanVersion.Counted(Set.of(Outcome.SUCCESS), List.of(80, 100)),
                OnPlanChange.CARRY,
                RateCard.of(Currency.getInstance("EUR"), Charge.flat("base fee", Price.parse(fee))));
    }

    private static List<String> kinds(List<PlanChange> changes) {
        return changes.stream()
                .map(change -> change.ref().text() + " " + change.kind().text())
                .toList();
    }

    private List<PlanVersion> stored() {
        return texts("select definition::text from plan where definition is not null order by name, version").stream()
                .map(PlanJson::read)
                .toList();
    }

    private long controlVersion() {
        return Long.parseLong(texts("select v::text from control_version").get(0));
    }

    private List<String> texts(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list());
    }
}
