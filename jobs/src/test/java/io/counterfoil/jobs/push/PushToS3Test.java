package io.counterfoil.jobs.push;

import io.counterfoil.accesslog.landing.S3Documents;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.limits.UsageLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class PushToS3Test {
    private static final String ADDRESS = "s3://" + S3Store.BUCKET + "/edges/eu/";

    @TempDir
    Path folder;

    private final FlaggedKeys keys = new FlaggedKeys(Instant.parse("2026-11-26T07:30:00Z"));
    private final long plan = keys.plan("small", UsageLimit.parse("1000/hour", "refuse"));
    private final long one = keys.key(keys.account("Acme"), plan, "one");

    private PushResult push(int shards, Map<String, String> environment) {
        PushSettings settings = PushSettings.s3(ADDRESS, shards, environment);
        try (PushFlagsJob job = new PushFlagsJob(settings, keys.url(), keys, false)) {
            return job.run();
        }
    }

    @Test
    void bucketsOfOneNameInTwoStoresAreTwoTargets() throws Exception {
        keys.use(one, 1003);
        Path second = Files.createDirectory(folder.resolve("second"));
        try (S3Store s3 = S3Store.start(folder);
                S3Store other = S3Store.start(second)) {
            assertThat(push(1, s3.environment()).written()).hasSize(1);
            assertThat(push(1, other.environment()).written()).hasSize(1);
            assertThat(push(1, s3.environment()).idle()).isTrue();
            assertThat(push(1, other.environment()).idle()).isTrue();
        }
        Map<String, String> aws = Map.of("AWS_REGION", "eu-central-1");
        for (String address : List.of("s3://bucket/a", "s3://bucket/a//")) {
            assertThat(PushSettings.s3(address, 1, aws).target.id()).isEqualTo("s3 aws bucket/a/");
        }
    }

    @Test
    void objectsAreWrittenWhereTheyChangedAndAreThereWhole() throws Exception {
        keys.use(one, 1003);
        try (S3Store s3 = S3Store.start(folder)) {
            S3Documents there = S3Documents.open(ADDRESS, s3.environment());
            assertThat(push(1, s3.environment()).written()).containsExactly("counterfoil-flags");
            assertThat(push(1, s3.environment()).idle()).isTrue();
            assertThat(new String(there.read("counterfoil-flags").orElseThrow(), StandardCharsets.UTF_8))
                    .startsWith("{\"format\":\"counterfoil-flags/1\",\"version\":" + keys.version() + ",\"shard\":0,")
                    .contains(KeyStore.hash("one"));

            assertThat(push(2, s3.environment()).written())
                    .containsExactly("counterfoil-flags.0", "counterfoil-flags.1");
            keys.override(one, 5000);
            keys.pass(Duration.ofSeconds(2));
            assertThat(push(2, s3.environment()).written())
                    .as("that of its top bit")
                    .hasSize(1);

            Map<String, String> wrong = new HashMap<>(s3.environment());
            wrong.put("AWS_SECRET_ACCESS_KEY", "another-hush");
            assertThatThrownBy(() -> push(1, wrong))
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.exitCode()).isEqualTo(4))
                    .hasMessageContaining("check the credentials")
                    .hasMessageNotContaining("hush");
        }
        assertThatThrownBy(() -> PushSettings.s3("/a/folder", 1, Map.of()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("expected s3://bucket");
    }
}
