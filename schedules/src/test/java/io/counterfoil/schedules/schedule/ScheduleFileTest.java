package io.counterfoil.schedules.schedule;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class ScheduleFileTest {
    static final String DEPLOY = """
            deploy:
              spark_submit: /opt/spark/bin/spark-submit
              master: spark://10.0.0.1:7077
              jobs_jar: /opt/counterfoil/jobs.jar
              environment: /etc/counterfoil/jobs.env
              user: counterfoil
              locks: /var/lib/counterfoil/locks
            places:
              landing: s3a://bucket/landing
            """;

    @Test
    void theScheduleOfThisBuildIsValid() {
        Schedule schedule = ScheduleFile.bundled();

        assertThat(schedule.jobs())
                .extracting(ScheduledJob::name)
                .containsExactly("rollup", "archive", "audit", "overshoot", "retain", "notify", "push-flags");
        assertThat(schedule.enabled())
                .as("it needs a target")
                .extracting(ScheduledJob::name)
                .doesNotContain("push-flags");
        assertThat(schedule.rollupPause()).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void aJobIsReadWithItsPlaces() {
        Schedule schedule = ScheduleFile.parse("own.yaml", DEPLOY + """
                        jobs:
                          rollup:
                            every: 15m
                            offset: 2m
                            timeout: 1h
                            overlap: wait
                            arguments: [--landing, "{landing}"]
                            spark: {spark.executor.memory: 2g}
                        """);

        assertThat(schedule.jobs())
                .containsExactly(new ScheduledJob(
                        "rollup",
                        true,
                        new Cadence(15, 2),
                        Duration.ofHours(1),
                        new ScheduledJob.Overlap("rollup", true),
                        List.of("--landing", "s3a://bucket/landing"),
                        Map.of("spark.executor.memory", "2g")));
    }

    @Test
    void everyFaultIsToldWithItsLine() {
        String text = DEPLOY.replace("user: counterfoil", "user: Über user") + """
                jobs:
                  rollup:
                    every: 7m
                    offset: 90s
                    timeout: soon
                    overlap: twice
                    arguments: [--landing, "{nowhere}"]
                    sparks: {}
                  rollout:
                    every: 1h
                """;

        assertThatThrownBy(() -> ScheduleFile.parse("own.yaml", text))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageStartingWith("8 faults in the schedule")
                .hasMessageContainingAll(
                        "own.yaml:6: field 'deploy.user' is 'Über user', expected the name of a user",
                        "own.yaml:12: field 'jobs.rollup.every' is '7m', expected 1m to 30m",
                        "own.yaml:13: field 'jobs.rollup.offset' is '90s', expected whole minutes",
                        "own.yaml:14: field 'jobs.rollup.timeout' is 'soon', expected a time from 10s",
                        "own.yaml:15: field 'jobs.rollup.overlap' is 'twice', expected skip or wait",
                        "own.yaml:16: field 'jobs.rollup.arguments' is '{nowhere}', expected",
                        "own.yaml:17: field 'jobs.rollup.sparks' is not known",
                        "own.yaml:18: field 'jobs.rollout' is not known, expected one of rollup, archive");
    }

    @Test
    void aSecretIsNoArgument() {
        String text = DEPLOY + """
                jobs:
                  rollup:
                    every: 1h
                    timeout: 1h
                    arguments: [--database, "jdbc:postgresql://db/x?user=a&password=b"]
                    spark:
                      spark.hadoop.fs.s3a.secret.key: hush
                """;

        assertThatThrownBy(() -> ScheduleFile.parse("own.yaml", text))
                .hasMessageStartingWith("3 faults")
                .hasMessageContaining("own.yaml:14: field 'jobs.rollup.arguments' is '--database', expected")
                .hasMessageContaining("seen by everyone on the machine")
                .hasMessageContaining("own.yaml:16: field 'jobs.rollup.spark.spark.hadoop.fs.s3a.secret.key'");
    }
}
