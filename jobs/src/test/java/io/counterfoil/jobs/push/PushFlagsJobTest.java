package io.counterfoil.jobs.push;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.KeyLifeStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.limits.UsageLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is pushed, into files; a real database. */
final class PushFlagsJobTest {
    private static final Instant NOW = Instant.parse("2026-11-26T07:30:00Z");
    private static final long RESET = Instant.parse("2026-11-26T08:00:00Z").getEpochSecond();

    @TempDir
    Path folder;

    private final FlaggedKeys keys = new FlaggedKeys(NOW);
    private final long acme = keys.account("Acme");
    private final long small = keys.plan("small", UsageLimit.parse("1000/hour", "refuse"));

    private Path file() {
        return folder.resolve("flags.json");
    }

    private PushResult push() {
        return push(1, false);
    }

    private PushResult push(int shards, boolean force) {
        try (PushFlagsJob job = new PushFlagsJob(PushSettings.file(file(), shards), keys.url(), keys, force)) {
            return job.run();
        }
    }

    private static String entry(String action, String window, long quota, long used, long resets) {
        return "{\"action\":\"" + action + "\",\"window\":\"" + window + "\",\"measure\":\"requests\",\"quota\":"
                + quota + ",\"used\":" + used + ",\"as_of\":" + NOW.getEpochSecond() + ",\"resets_at\":" + resets + "}";
    }

    private List<String> hashes() throws Exception {
        List<String> hashes = new ArrayList<>();
        new ObjectMapper().readTree(file().toFile()).get("flags").fieldNames().forEachRemaining(hashes::add);
        return hashes;
    }

    @Test
    void theDocumentIsThatOfTheContractToTheByte() throws Exception {
        keys.use(keys.key(acme, small, "one"), 1003);
        keys.use(keys.key(acme, small, "two"), 999);

        PushResult result = push();

        String expected = "{\"format\":\"counterfoil-flags/1\",\"version\":" + keys.version()
                + ",\"shard\":0,\"shards\":1,\"flags\":{\"" + KeyStore.hash("one") + "\":["
                + entry("refuse", "hour", 1000, 1003, RESET) + "]}}";
        assertThat(file()).hasContent(expected);
        assertThat(result.keys()).isEqualTo(1);
        assertThat(result.bytes()).isEqualTo(expected.length());
        assertThat(result.nextReset()).contains(Instant.ofEpochSecond(RESET));
    }

    @Test
    void whatIsUnchangedIsNotWrittenWhateverTheVersion() throws Exception {
        keys.use(keys.key(acme, small, "one"), 1003);
        push();
        byte[] before = Files.readAllBytes(file());
        keys.use(keys.key(acme, small, "two"), 1);

        assertThat(push().idle()).isTrue();
        assertThat(Files.readAllBytes(file())).isEqualTo(before);

        Files.delete(file());
        assertThat(push().written()).as("it was lost").containsExactly(file().toString());
        assertThat(push(1, true).written()).as("forced").hasSize(1);
    }

    @Test
    void aFlagThatIsLiftedOrPassesItsResetIsGone() throws Exception {
        long one = keys.key(acme, small, "one");
        keys.use(one, 1003);
        keys.use(keys.key(acme, small, "two"), 1000);
        push();
        assertThat(hashes()).hasSize(2);

        keys.override(one, 5000);
        push();
        assertThat(hashes()).containsExactly(KeyStore.hash("two"));

        keys.be(Instant.ofEpochSecond(RESET).minusMillis(1));
        assertThat(push().idle()).isTrue();
        keys.be(Instant.ofEpochSecond(RESET));
        push();
        assertThat(hashes()).isEmpty();
    }

    @Test
    void anAccountsLimitFlagsAllItsKeysOnThePlanAndNoOthers() throws Exception {
        long shared = keys.plan("shared", UsageLimit.parse("100/day", "warn", "account"));
        long one = keys.key(acme, shared, "one");
        keys.key(acme, shared, "two");
        keys.key(acme, small, "on another plan");
        keys.key(keys.account("Other"), shared, "of another account");
        keys.use(one, 100);

        push();

        assertThat(hashes()).containsExactlyInAnyOrder(KeyStore.hash("one"), KeyStore.hash("two"));
        JsonNode flag = new ObjectMapper().readTree(file().toFile()).at("/flags/" + KeyStore.hash("two") + "/0");
        assertThat(flag.get("action").asText()).isEqualTo("warn");
        assertThat(flag.get("scope").asText()).isEqualTo("account");
        assertThat(flag.get("resets_at").asLong())
                .isEqualTo(Instant.parse("2026-11-27T00:00:00Z").getEpochSecond());
    }

    @Test
    void everyLiveSecretIsNamedAndNoOther() throws Exception {
        long one = keys.key(acme, small, "one");
        keys.use(one, 1000);
        keys.use(keys.key(acme, small, "disabled"), 1000);
        keys.use(keys.key(acme, small, "expired"), 1000);
        keys.use(keys.key(acme, small, "label only", Optional.empty()), 1000);
        KeyLifeStore life = new KeyLifeStore(keys.jdbi());
        life.rotate("one", KeyStore.hash("one anew"), NOW.plusSeconds(60), NOW);
        life.disable("disabled", NOW);
        life.expire("expired", Optional.of(NOW.plusSeconds(60)), NOW);

        push();
        assertThat(hashes())
                .isSorted()
                .containsExactlyInAnyOrder(KeyStore.hash("one"), KeyStore.hash("one anew"), KeyStore.hash("expired"));
        keys.pass(Duration.ofSeconds(61));
        push();
        assertThat(hashes()).containsExactly(KeyStore.hash("one anew"));
    }

    @Test
    void allLimitsOfAKeyThatActAreToldAndThoseThatOnlyNotifyAreNot() throws Exception {
        long many = keys.plan(
                "many",
                UsageLimit.parse("10/hour", "refuse"),
                UsageLimit.parse("5/day", "warn"),
                UsageLimit.parse("1/period", "notify"));
        keys.use(keys.key(acme, many, "one"), 12);

        push();

        assertThat(Files.readString(file()))
                .contains("[" + entry("refuse", "hour", 10, 12, RESET) + ","
                        + entry("warn", "day", 5, 12, RESET + 16 * 3600) + "]");
    }

    @Test
    void eachOfSeveralDocumentsHasTheKeysOfItsTopBitsAlsoWhereThatIsNone() throws Exception {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            keys.use(keys.key(acme, small, "key " + i), 1000);
            all.add(KeyStore.hash("key " + i));
        }

        assertThat(push(256, false).written()).hasSize(256);
        assertThat(push(4, false).written()).hasSize(4);

        List<String> found = new ArrayList<>();
        for (int shards : List.of(4, 256)) {
            found.clear();
            for (int shard = 0; shard < shards; shard++) {
                // Of 256, four were replaced by the four.
                Path part = Path.of(file() + "." + shard);
                JsonNode document = new ObjectMapper().readTree(part.toFile());
                int number = shard;
                int of = document.get("shards").asInt();
                assertThat(document.get("shard").asInt()).isEqualTo(shard);
                document.get("flags").fieldNames().forEachRemaining(hash -> {
                    int bits = Integer.numberOfTrailingZeros(of);
                    assertThat(Integer.parseInt(hash.substring(0, 2), 16) >> (8 - bits))
                            .isEqualTo(number);
                    found.add(hash);
                });
            }
            if (shards == 4) {
                assertThat(found).containsExactlyInAnyOrderElementsOf(all);
            }
        }
    }

    @Test
    void aLaterVersionOrAnotherFileIsNotOverwrittenButByForce() throws Exception {
        keys.use(keys.key(acme, small, "one"), 1003);
        Files.writeString(file(), "{\"format\":\"counterfoil-flags/1\",\"version\":99999,\"shard\":0}");
        assertThatThrownBy(this::push)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("are of version 99999, the database's are of version " + keys.version())
                .hasMessageContaining("--force");
        assertThat(push(1, true).written()).hasSize(1);
        assertThat(hashes()).hasSize(1);

        Files.writeString(file(), "my tax return");
        assertThatThrownBy(this::push)
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("holds no flags of Counterfoil");
        assertThat(file()).hasContent("my tax return");
        Files.writeString(file(), "");
        assertThat(push().written()).hasSize(1);
    }

    @Test
    void aFolderThatIsNotThereIsDown() {
        PushSettings settings = PushSettings.file(folder.resolve("none/flags.json"), 1);
        try (PushFlagsJob job = new PushFlagsJob(settings, keys.url(), keys, false)) {
            assertThatThrownBy(job::run)
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.exitCode()).isEqualTo(4))
                    .hasMessageContaining("its folder must exist");
        }
        assertThatThrownBy(() -> PushSettings.file(file(), 3)).hasMessageContaining("shards are 3, expected 1, 2, 4");
    }
}
