package io.counterfoil.jobs.plans;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.OnPlanChange;
import io.counterfoil.jobs.rating.Percent;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.RateCard;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.jobs.rating.Tier;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PlanJsonTest {
    @Test
    void readsWhatItWroteAlsoThroughAColumnOfTheDatabase() {
        Jdbi jdbi = TestDatabase.fresh().jdbi();
        long seed = new Random().nextLong();
        RandomVersions versions = new RandomVersions(new Random(seed));
        jdbi.useHandle(handle -> {
            for (int i = 1; i <= 500; i++) {
                PlanVersion version = versions.version("plan-" + i, i);
                String written = PlanJson.write(version);
                String stored = handle.createQuery("select (:json::jsonb)::text")
                        .bind("json", written)
                        .mapTo(String.class)
                        .one();

                assertThat(PlanJson.read(written)).as("seed %d", seed).isEqualTo(version);
                assertThat(PlanJson.read(stored)).as("seed %d", seed).isEqualTo(version);
                assertThat(PlanJson.write(PlanJson.read(stored)))
                        .as("seed %d", seed)
                        .isEqualTo(written);
            }
        });
    }

    @Test
    void writesFieldsAsAPlansFileHasThem() {
        RateCard card = new RateCard(
                Currency.getInstance("EUR"),
                List.of(
                        Charge.flat("base fee", Price.parse("29.00")),
                        Charge.of(
                                "traffic",
                                new Meter(
                                        Measure.BYTES_OUT,
                                        new BigDecimal("1073741824"),
                                        new Routes(List.of("search.*"), List.of("search.free")),
                                        new BigDecimal("1e10")),
                                new Model.Volume(List.of(
                                        new Tier(Optional.of(new BigDecimal("500")), Price.parse("0.08"), Price.ZERO),
                                        new Tier(Optional.empty(), Price.parse("0.06"), Price.parse("5")))))),
                Price.parse("50"),
                Percent.parse("12.5"));
        PlanVersion version = new PlanVersion(
                new PlanRef("team", 2),
                new BillingPeriod(BillingPeriod.Interval.QUARTERLY, 31),
                List.of(UsageLimit.parse("50GiB/period", "warn", "account")),
                new PlanVersion.Counted(Set.of(Outcome.CLIENT_ERROR, Outcome.SUCCESS), List.of(100, 80)),
                OnPlanChange.RESTART,
                card);

        assertThat(PlanJson.write(version))
                .isEqualTo("{'plan':'team','version':2,'currency':'EUR','interval':'quarterly','anchor_day':31,"
                                .replace('\'', '"')
                        + ("'billable':['success','client_error'],'thresholds':[80,100],'on_plan_change':'restart',"
                                        + "'limits':[{'quota':'53687091200','window':'period','measure':'bytes_out',"
                                        + "'over':'warn','per':'account'}],"
                                        + "'discount_percent':'12.5','minimum_commitment':'50','charges':["
                                        + "{'name':'base fee','model':'flat','price':'29'},"
                                        + "{'name':'traffic','model':'volume','measure':'bytes_out','per':'1073741824',"
                                        + "'routes':['search.*'],'except_routes':['search.free'],'included':'10000000000',"
                                        + "'tiers':[{'up_to':'500','price':'0.08','flat':'0'},{'price':'0.06','flat':'5'}]}]}")
                                .replace('\'', '"'));
    }

    @Test
    void saysWhatIsWrongWithADefinitionThatSomebodyEdited() {
        String written = PlanJson.write(new RandomVersions(new Random(7)).version("plan", 1));

        assertThatThrownBy(
                        () -> PlanJson.read(written.replaceFirst("\"interval\":\"[a-z]+\"", "\"interval\":\"weekly\"")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("'interval' is \"weekly\"")
                .satisfies(e -> assertThat(((OperatorException) e).exitCode()).isEqualTo(3));
        assertThatThrownBy(() -> PlanJson.read(written.replace("\"charges\"", "\"lines\"")))
                .hasMessageContaining("'charges' is missing");
        assertThatThrownBy(() -> PlanJson.read("{")).isInstanceOf(OperatorException.class);
    }
}
