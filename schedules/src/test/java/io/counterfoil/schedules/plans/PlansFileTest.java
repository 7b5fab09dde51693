package io.counterfoil.schedules.plans;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.plans.BillingPeriod.Interval;
import io.counterfoil.jobs.plans.Catalogue;
import io.counterfoil.jobs.plans.Plan;
import io.counterfoil.jobs.plans.PlanVersion;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.OnPlanChange;
import io.counterfoil.jobs.rating.PlanRef;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.RateCard;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.jobs.rating.Tier;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.limits.UsageLimit;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class PlansFileTest {
    private static final Currency EUR = Currency.getInstance("EUR");

    @Test
    void theExampleIsReadAsItStands() {
        Catalogue catalogue = PlansFile.read(Path.of("plans.yaml"));

        assertThat(catalogue.plans()).extracting(Plan::name).containsExactly("free", "team");
        BigDecimal thousand = new BigDecimal("1000");
        RateCard card = RateCard.of(
                        EUR,
                        Charge.flat("base fee", Price.parse("29")),
                        Charge.of(
                                "requests",
                                Meter.of(Measure.REQUESTS)
                                        .per(thousand)
                                        .onlyOf(new Routes(List.of(), List.of("search.*")))
                                        .including(new BigDecimal("100000")),
                                new Model.Graduated(List.of(
                                        tier("1000", "0.04", "0"),
                                        tier("10000", "0.025", "0"),
                                        tier("", "0.012", "0")))),
                        Charge.of(
                                "search",
                                Meter.of(Measure.UNITS)
                                        .per(thousand)
                                        .onlyOf(new Routes(List.of("search.*"), List.of())),
                                new Model.Packages(Price.parse("1.5"))),
                        Charge.of(
                                "traffic",
                                Meter.of(Measure.BYTES_OUT)
                                        .per(new BigDecimal("1073741824"))
                                        .including(new BigDecimal("53687091200")),
                                new Model.Volume(List.of(tier("500", "0.08", "0"), tier("", "0.06", "5")))))
                .withMinimum(Price.parse("50"));
        assertThat(catalogue.require("team").version(1))
                .contains(new PlanVersion(
                        new PlanRef("team", 1),
                        new BillingPeriod(Interval.MONTHLY, 1),
                        List.of(
                                UsageLimit.parse("20000/hour", "refuse"),
                                UsageLimit.parse("500GiB/period", "warn", "account")),
                        new PlanVersion.Counted(Set.of(Outcome.SUCCESS), List.of(80, 100)),
                        OnPlanChange.CARRY,
                        card));
        assertThat(catalogue.require("team").latest().ref().version()).isEqualTo(2);
        assertThat(catalogue.require("team").latest().card().discount().value()).isEqualTo("10");
        assertThat(catalogue.require("free").latest().card().charges()).isEmpty();
    }

    private static Tier tier(String upTo, String unit, String flat) {
        return new Tier(
                Optional.of(upTo).filter(end -> !end.isEmpty()).map(BigDecimal::new),
                Price.parse(unit),
                Price.parse(flat));
    }

    @Test
    void everyFaultIsToldWithItsLine() {
        String text = """
                plans:
                  small:
                    versions:
                      - version: one
                        currency: EURO
                        interval: weekly
                        anchor_day: 32
                        billable: [success, refused]
                        thresholds: [80, never]
                        on_plan_change: forget
                        limits:
                          - {limit: 1000/week}
                          - {limit: 1000/hour, over: shout}
                          - {limt: 1000/hour}
                          - 1000/hour
                        discount_percent: 101
                        minimum_commitment: -1
                        charges:
                          - {name: base, model: flat, price: 1e-13, measure: requests}
                          - {name: calls, model: per_unit, measure: calls, price: 1}
                          - {name: calls, model: per_unit, measure: requests, per: 0, included: 1.5, price: x}
                          - {name: calls, model: per_unit, measure: requests, price: 1, tiers: []}
                          - {name: calls, model: stairs}
                          - name: traffic
                            model: graduated
                            measure: bytes_out
                            per: GiB
                            routes: [Search]
                            tiers:
                              - {up_to: 10, price: 1}
                              - {up_to: 10, price: 2}
                              - {price: 1}
                      - version: 2
                        currency: JPY
                        minimum_commitment: 10.50
                        charges:
                          - {name: a, model: flat, price: 1}
                  large:
                    versions: []
                  huge: {}
                  small:
                    versions: []
                """;

        assertFaults(
                text,
                "4: field 'plans.small.versions[1].version' is 'one', expected a number from 1 on",
                "5: field 'plans.small.versions[1].currency' is 'EURO', expected three letters of ISO 4217",
                "6: field 'plans.small.versions[1].interval' is 'weekly', expected monthly, quarterly or yearly",
                "7: field 'plans.small.versions[1].anchor_day' is '32', expected 1 to 31",
                "8: field 'plans.small.versions[1].billable' is 'refused', expected success, client_error or",
                "9: field 'plans.small.versions[1].thresholds' is 'never', expected a percent from 1 to 1000",
                "10: field 'plans.small.versions[1].on_plan_change' is 'forget', expected carry or restart",
                "12: field 'plans.small.versions[1].limits[1].limit': limit is '1000/week', expected NUMBER/hour",
                "13: field 'plans.small.versions[1].limits[2].limit': what happens over the limit is 'shout', expected",
                "14: field 'plans.small.versions[1].limits[3].limt' is not known, expected one of limit, over, per",
                "14: field 'plans.small.versions[1].limits[3].limit' is missing, expected NUMBER/hour",
                "15: field 'plans.small.versions[1].limits[4]' is no mapping, expected limit, over, per",
                "16: field 'plans.small.versions[1].discount_percent': percent is '101', expected 0 to 100",
                "17: field 'plans.small.versions[1].minimum_commitment': number is '-1', expected digits",
                "19: field 'plans.small.versions[1].charges[1].measure' has no place here: a flat fee has a price",
                "19: field 'plans.small.versions[1].charges[1].price': price is '0.0000000000001', expected 0 or more"
                        + " with up to 12 decimals",
                "20: field 'plans.small.versions[1].charges[2].measure' is 'calls', expected requests, units or bytes_out",
                "21: field 'plans.small.versions[1].charges[3].per': per is '0', expected above 0",
                "21: field 'plans.small.versions[1].charges[3].included': amount of requests is '1.5', expected a whole",
                "21: field 'plans.small.versions[1].charges[3].price': number is 'x', expected digits",
                "22: field 'plans.small.versions[1].charges[4].tiers' has no place here: per_unit has one price",
                "23: field 'plans.small.versions[1].charges[5].model' is 'stairs', expected flat, per_unit, graduated",
                "24: up_to of tier 2 is '10', expected more than 10",
                "24: route is 'Search', expected a route's name",
                "33: minimum is '10.5', expected at most 0 decimals: it is an amount of JPY",
                "39: plan 'large' has no versions, expected at least one",
                "40: field 'plans.huge.versions' is missing, expected a list",
                "41: field 'plans.small' is there twice, expected once");
    }

    @Test
    void whatIsAboutAWholeVersionOrPlanIsTold() {
        String version = """
                      - version: 3
                        currency: EUR
                        billable: []
                        charges: [{name: a, model: flat, price: 1}, {name: a, model: flat, price: 2}]
                """;
        String again = """
                      - version: 3
                        currency: EUR
                        limits: [{limit: 10/hour}, {limit: 20/hour}]
                        charges: []
                """;
        String twice = """
                      - {version: 1, currency: EUR, charges: []}
                      - {version: 1, currency: EUR, charges: []}
                """;

        assertFaults(
                "plans:\n  a:\n    versions:\n" + version + again + "  b:\n    versions:\n" + twice,
                "4: billable is '', expected one or more of success, client_error, server_error",
                "4: charge 'a' is there twice, expected once",
                "8: limit is '20/hour', then refuse, per key: there is one already of that window",
                "13: version 1 of plan 'b' is there twice, expected once: a change is the next version");
    }

    @Test
    void whatIsNoCatalogueIsTold() {
        assertFaults("- plans", "1: the file is no mapping, expected plans");
        assertFaults("plans: [team]", "1: field 'plans' is no mapping, expected names and values");
        assertFaults("plans:\n  team: 5", "2: field 'plans.team' is no mapping, expected versions");
        assertThatThrownBy(() -> PlansFile.parse("own.yaml", ""))
                .hasMessage("plans own.yaml is empty, expected a file as schedules/plans.yaml");
        assertThatThrownBy(() -> PlansFile.parse("own.yaml", "a: ["))
                .hasMessageStartingWith("own.yaml:1: no valid YAML");
        assertThatThrownBy(() -> PlansFile.read(Path.of("none.yaml")))
                .hasMessageStartingWith("plans none.yaml cannot be read (NoSuchFileException)");
    }

    /** Lines lost, doubled, moved, values of other kinds: a catalogue, or faults; never a bug. */
    @Test
    void aDamagedFileIsReadOrRefused() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<String> values = List.of(
                "", "[]", "{}", "[a]", "{a: b}", "-1", "0", "1e99", "1e-99", "~", "'", "*", "&a b", "*a", "€", "XXX");
        List<String> example = Files.readAllLines(Path.of("plans.yaml"));
        int refused = 0;
        for (int round = 0; round < 2000; round++) {
            List<String> lines = new ArrayList<>(example);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                int at = random.nextInt(lines.size());
                String value = values.get(random.nextInt(values.size()));
                switch (random.nextInt(4)) {
                    case 0 -> lines.remove(at);
                    case 1 -> lines.add(random.nextInt(lines.size()), lines.get(at));
                    case 2 -> lines.set(at, lines.get(at).replaceFirst(": .*", ": " + value));
                    default -> lines.set(at, lines.get(at).replaceFirst("^ {2}", ""));
                }
            }
            try {
                PlansFile.parse("own.yaml", String.join("\n", lines));
            } catch (OperatorException e) {
                refused++;
                assertThat(e.getMessage()).contains("own.yaml");
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ":\n" + String.join("\n", lines), e);
            }
        }
        assertThat(refused).as("seed %d", seed).isGreaterThan(500);
    }

    /** Exactly these, each beginning so. */
    private static void assertFaults(String text, String... faults) {
        assertThatThrownBy(() -> PlansFile.parse("own.yaml", text))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e.exitCode()).isEqualTo(2);
                    List<String> told = e.getMessage()
                            .lines()
                            .filter(line -> line.startsWith("own.yaml:"))
                            .map(line -> line.substring("own.yaml:".length()))
                            .toList();
                    assertThat(told).hasSize(faults.length);
                    for (String fault : faults) {
                        assertThat(told).as(fault).anyMatch(line -> line.startsWith(fault));
                    }
                });
    }
}
