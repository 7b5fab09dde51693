package io.counterfoil.edge.admission;

import com.sun.management.ThreadMXBean;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.edge.snapshot.SnapshotRefresh;
import io.counterfoil.edge.snapshot.SnapshotSource;
import io.counterfoil.edge.testing.SettableClock;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyLifeStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.KeyStore.NewKey;
import io.counterfoil.sql.account.KeyTerms;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;

class KeyGateTest {
    private static final Instant NOW = Instant.parse("2026-11-23T14:30:00Z");

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private final SettableClock clock = new SettableClock(NOW);
    private long account;
    private SnapshotRefresh refresh;
    private KeyGate gate;

    @BeforeEach
    void load() throws Exception {
        account = new AccountStore(database.jdbi()).create("Acme", Optional.empty(), NOW);
        KeyStore keys = new KeyStore(database.jdbi());
        keys.create(
                List.of(
                        key("scoped", List.of("write", "read"), Optional.empty()),
                        key("plain", List.of(), Optional.empty()),
                        key("ending", List.of(), Optional.of(NOW.plusSeconds(1))),
                        key("disabled", List.of(), Optional.empty())),
                NOW);
        new KeyLifeStore(database.jdbi()).disable("disabled", NOW);
        refresh = SnapshotRefresh.open(
                new SnapshotSource("edge-1", database.jdbcUrl(), clock),
                folder,
                Duration.ofSeconds(1),
                clock,
                line -> {});
        gate = new KeyGate(refresh.current(), clock);
    }

    private NewKey key(String text, List<String> scopes, Optional<Instant> end) {
        return new NewKey(
                account, Optional.empty(), text, Optional.of(KeyStore.hash(text)), new KeyTerms(scopes, end), "test");
    }

    @AfterEach
    void close() {
        refresh.close();
    }

    @Test
    void tellsWhoseKeyItIsAndWhatItMayDo() {
        Admission scoped = gate.admit("bearer  scoped ", null);
        assertThat(scoped.decision()).isEqualTo(Decision.ADMITTED);
        assertThat(scoped.accountId()).isEqualTo(account);
        assertThat(scoped.keyId()).isPositive();
        assertThat(scoped.allows("read")).isTrue();
        assertThat(scoped.allows("write")).isTrue();
        assertThat(scoped.allows("admin")).isFalse();
        assertThat(gate.admit(null, "plain").allows("read")).isFalse();
        assertThat(gate.admit("Bearer plain", "plain").decision()).isEqualTo(Decision.ADMITTED);
    }

    @Test
    void whatIsNoValidKeyIsOneAndTheSameAnswer() {
        assertThat(gate.admit(null, "ending").decision()).isEqualTo(Decision.ADMITTED);
        clock.set(NOW.plusSeconds(1));
        String[][] wrong = {
            {null, null},
            {null, ""},
            {null, "unknown"},
            {null, "ending"},
            {null, "disabled"},
            {null, "x".repeat(513)},
            {"Bearer ", null},
            {"Basic plain", null},
            {"Bearer plain", "scoped"},
            {"Bearer plain", ""},
            {"Bearer plain", "x".repeat(513)},
            {"Bearer " + "x".repeat(513), "plain"},
        };
        for (String[] headers : wrong) {
            assertThat(gate.admit(headers[0], headers[1]))
                    .as(headers[0] + ", " + headers[1])
                    .isSameAs(Admission.UNAUTHORIZED);
        }
    }

    /** One small object a request, the answer, and nothing else. */
    @Test
    void allocatesNothingButTheAnswer() {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long admitted = 0;
        for (int i = 0; i < 50_000; i++) {
            admitted += gate.admit("Bearer scoped", null).keyId();
        }
        int requests = 20_000;
        long before = thread.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < requests; i++) {
            admitted += gate.admit("Bearer scoped", null).keyId();
        }
        long bytes = (thread.getCurrentThreadAllocatedBytes() - before) / requests;

        assertThat(admitted).isPositive();
        assertThat(bytes).isLessThanOrEqualTo(56);
    }
}
