package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.schedules.cli.InProcess.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** On the example that is shipped. */
final class PriceCommandTest {
    @TempDir
    Path folder;

    @Test
    void aPeriodIsPricedLineByLineWithItsTiers() {
        Result result = price(
                "--version=1",
                "--usage=requests=1500000,bytes_out=80GiB",
                "--route-usage=search.text.units=12001",
                "--tax=19");

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("""
                team v1, monthly, in EUR

                line                         used        included  billed  per             price  fee   exact  amount
                base fee                                                1  period             29           29   29.00
                requests                1,500,000         100,000   1,400  1,000 requests                  50   50.00
                  0 to 1,000                                        1,000                   0.04           40
                  1,000 to 10,000                                     400                  0.025           10
                search                     12,001                      13  1,000 units       1.5         19.5   19.50
                traffic            85,899,345,920  53,687,091,200      30  1GiB                           2.4    2.40
                  0 to 500                                             30                   0.08          2.4
                net                                                                                            100.90
                tax 19 %                                                                               19.171   19.17
                total                                                                                          120.07
                """);
        assertThat(folder).as("no home was made").isEmptyDirectory();
    }

    @Test
    void theReadmeShowsWhatIsPrinted() throws Exception {
        String printed =
                price("--version=1", "--usage=requests=1500000,bytes_out=80GiB").out();

        assertThat(Files.readString(Path.of("../jobs/README.md")))
                .contains(printed.indent(4).replaceAll("(?m)^ +$", ""));
        assertThat(printed).endsWith(" 81.40\n");
    }

    @Test
    void theLatestVersionIsPricedByTheHoursOfItsPeriod() {
        Result result = price("--usage=requests=2e6", "--hours=248/744");

        assertThat(result.out()).isEqualTo("""
                team v2, monthly, in EUR

                line                used  included     billed  per             price  fee       exact  amount
                base fee                            0.333333…  period             49       16.333333…   16.33
                requests       2,000,000                2,000  1,000 requests   0.02               40   40.00
                discount 10 %                                                                  -5.633   -5.63
                total                                                                                   50.70
                """);
    }

    @Test
    void programsGetEveryNumberAsADecimalInQuotes() throws Exception {
        Result result = price("--version=1", "--usage=requests=1500000,bytes_out=9007199254740993", "--json");

        JsonNode json = new ObjectMapper().readTree(result.out());
        assertThat(json.get("total").asText()).isEqualTo("503397.48");
        assertThat(json.get("lines").get(1).toString())
                .isEqualTo("{\"kind\":\"charge\",\"name\":\"requests\",\"measure\":\"requests\","
                        + "\"routes\":\"all routes except search.*\",\"per\":\"1000\",\"included\":\"100000\","
                        + "\"used\":\"1500000\",\"billed\":\"1400\",\"parts\":["
                        + "{\"from\":\"0\",\"to\":\"1000\",\"quantity\":\"1000\",\"price\":\"0.04\",\"flat\":\"0\",\"amount\":\"40\"},"
                        + "{\"from\":\"1000\",\"to\":\"10000\",\"quantity\":\"400\",\"price\":\"0.025\",\"flat\":\"0\",\"amount\":\"10\"}],"
                        + "\"exact\":\"50\",\"amount\":\"50.00\"}");
        assertThat(json.get("lines").get(3).get("used").asText()).isEqualTo("9007199254740993");
        assertThat(json.get("no_charge_counts")).isEmpty();
    }

    @Test
    void aTierReachedAndACommitmentNotReachedAreLinesOfTheirOwn() {
        assertThat(price("--version=1", "--usage=bytes_out=600GiB").out())
                .containsPattern("\\n  above 500 +550 +0\\.06 +5 +38\\n");
        assertThat(price("--version=1").out())
                .containsPattern("\\nminimum commitment +21 +21\\.00\\ntotal +50\\.00\\n$");
    }

    @Test
    void usageThatNoChargeCountsIsTold() {
        assertThat(price("--version=1", "--usage=units=5", "--route-usage=search.text.requests=7")
                        .out())
                .endsWith("\nno charge counts 5 units, 7 requests on search.text\n");
    }

    @Test
    void whatCannotBePricedIsRefused() throws Exception {
        price("--usage=requests=1.5").refused("amount of requests is '1.5', expected a whole number");
        price("--usage=calls=1").refused("--usage is 'calls=1', expected MEASURE=N");
        price("--usage=requests=1,requests=2").refused("--usage says requests twice, the second time 'requests=2'");
        price("--usage=requests=1=2").refused("--usage is 'requests=1=2', expected MEASURE=N");
        price("--route-usage=requests=1").refused("--route-usage is 'requests=1', expected ROUTE.MEASURE=N");
        price("--route-usage=search.*.requests=1").refused("expected the name of one route, not of a group");
        price("--route-usage=Search.requests=1").refused("route is 'Search', expected a route's name");
        price("--version=9").refused("--version is 9, expected one of 1, 2");
        price("--hours=745/744").refused("--hours is '745/744', expected hours in force/hours of the period");
        price("--tax=101").refused("percent is '101', expected 0 to 100");
        price("--plan=large").refused("option '--plan' (NAME) should be specified only once");
        InProcess here = new InProcess(List.of());
        here.run("price", "--plans", "plans.yaml", "--plan", "large")
                .refused("plan is 'large', expected one of free, team");
        Path empty = Files.writeString(folder.resolve("plans.yaml"), "plans: {}\n");
        here.run("price", "--plans", empty.toString(), "--plan", "large").refused("plan is 'large', expected one of");
    }

    @Test
    void helpIsThereThoughTheVersionIsThePlans() {
        Result result = new InProcess(List.of()).run("price", "--help");

        assertThat(result.exit()).isZero();
        assertThat(result.out()).startsWith("Usage: counterfoil price ").contains("Which version of it.");
    }

    private Result price(String... arguments) {
        List<String> all = new ArrayList<>(List.of("price", "--plans", "plans.yaml", "--plan", "team"));
        all.addAll(List.of(arguments));
        return new InProcess(List.of("--home=" + folder)).run(all.toArray(String[]::new));
    }
}
