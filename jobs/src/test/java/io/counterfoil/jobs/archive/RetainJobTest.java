package io.counterfoil.jobs.archive;

import io.counterfoil.jobs.rollup.EdgeLog;
import io.counterfoil.jobs.rollup.LandedSegments;
import io.counterfoil.jobs.rollup.SparkForTests;
import io.counterfoil.jobs.rollup.StagedBatch;
import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import static io.counterfoil.jobs.archive.CountedSegments.NOW;
import static io.counterfoil.jobs.archive.CountedSegments.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What goes from the landing, and what the ledger keeps of it. */
final class RetainJobTest {
    @TempDir
    Path folder;

    private CountedSegments counted;

    @BeforeEach
    void countSegments() throws Exception {
        counted = new CountedSegments(folder);
    }

    @Test
    void onlyWhatIsArchivedAuditedAndOldGoesFromTheLanding() throws Exception {
        Instant later = NOW.plus(Duration.ofDays(31));
        assertThat(counted.retain(later)).as("not archived").isZero();
        counted.archive();
        assertThat(counted.retain(later)).as("not audited").isZero();
        counted.database()
                .jdbi()
                .useHandle(handle -> handle.execute("update usage_hourly set units = units + 1 where key_id = 1"));
        counted.audit(false);
        assertThat(counted.retain(later)).as("audited with differences").isZero();
        counted.database()
                .jdbi()
                .useHandle(handle -> handle.execute("update usage_hourly set units = units - 1 where key_id = 1"));
        counted.audit(false);
        assertThat(counted.retain(NOW.plus(Duration.ofDays(29))))
                .as("too young")
                .isZero();

        assertThat(counted.retain(later)).isEqualTo(10);
        try (Stream<Path> files = Files.walk(counted.landing())) {
            assertThat(files.filter(Files::isRegularFile).map(each -> String.valueOf(each.getFileName())))
                    .containsExactly("database");
        }
        assertThat(counted.retain(later)).isZero();
        counted.rollup();
        assertThat(counted.audit(true).differences()).as(counted.seed()).isEmpty();
    }

    @Test
    void aLandingThatIsNoneIsNeverTakenForOneThatIsEmpty() throws Exception {
        counted.archive();
        counted.audit(false);
        Path typo = folder.resolve("landng");

        assertThatThrownBy(() -> new RetainJob(
                        SparkForTests.session().sessionState().newHadoopConf(),
                        typo.toString(),
                        counted.database().jdbcUrl(),
                        InstantSource.fixed(NOW)))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("is bound to no database");
        assertThat(typo).doesNotExist();
    }

    @Test
    void retentionThatWasKilledIsFinishedByTheNext() throws Exception {
        counted.archive();
        counted.audit(false);
        counted.database()
                .jdbi()
                .useHandle(handle -> handle.execute("update ledger set deleting_at = now() where number = 1"));

        assertThat(counted.retain(NOW)).as("decided before").isEqualTo(2);
        try (Stream<Path> files = Files.walk(counted.landing())) {
            assertThat(files.filter(each -> each.toString().endsWith("/1.csv.zst")))
                    .isEmpty();
        }
    }

    @Test
    void theLedgerKeepsARunOfWhatIsGone() throws Exception {
        EdgeLog log = new EdgeLog("edge-9", NOW.minusSeconds(3600), 1, Optional.empty());
        publish(log, 3);
        Instant first = goneAfterAMonth(NOW);
        assertThat(texts("select concat_ws(' ', first_number, last_number, first_seq, last_seq, counted, served)"
                        + " from ledger_run where edge = 'edge-9'"))
                .containsExactly("1 3 1 15 15 15");
        publish(log, 2);
        goneAfterAMonth(first);

        assertThat(texts("select concat_ws(' ', first_number, last_number, first_seq, last_seq, counted, served)"
                        + " from ledger_run where edge = 'edge-9'"))
                .containsExactly("1 5 1 25 25 25");
        assertThat(texts("select number::text from ledger where edge = 'edge-9'"))
                .isEmpty();
        assertThat(
                        texts(
                                "select batch_id::text from batch b where not exists (select from ledger l where l.batch_id = b.batch_id)"))
                .isEmpty();
        assertThat(counted.database().usage())
                .as(counted.seed())
                .isEqualTo(counted.segments().expected());
        assertThat(counted.audit(true).differences()).isEmpty();
    }

    @Test
    void aDriverThatThawsOnceItsSegmentsAreGoneCountsNothing() throws Exception {
        publish(new EdgeLog("edge-9", NOW.minusSeconds(3600), 1, Optional.empty()), 3);
        StagedBatch frozen = StagedBatch.of(counted.segments(), counted.database(), NOW);
        goneAfterAMonth(NOW);

        assertThat(frozen.planned()).isEqualTo(3);
        assertThat(frozen.merge()).isFalse();
        assertThat(counted.database().usage())
                .as(counted.seed())
                .isEqualTo(counted.segments().expected());
    }

    @Test
    void aCommitWhoseAnswerComesWhenItsBatchIsGoneIsNoBatchAnyMore() throws Exception {
        publish(new EdgeLog("edge-9", NOW.minusSeconds(3600), 1, Optional.empty()), 3);
        StagedBatch frozen = StagedBatch.of(counted.segments(), counted.database(), NOW);
        assertThat(frozen.merge()).isTrue();
        goneAfterAMonth(NOW);

        assertThat(frozen.merge()).isFalse();
        assertThat(counted.database().usage())
                .as(counted.seed())
                .isEqualTo(counted.segments().expected());
    }

    @Test
    void aSegmentThatHoldsARunsRecordsIsQuarantined() throws Exception {
        EdgeLog log = new EdgeLog("edge-9", NOW.minusSeconds(3600), 1, Optional.empty());
        publish(log, 3);
        goneAfterAMonth(NOW);
        LandedSegments.Built next = log.seal(0, NOW, 5);
        counted.segments()
                .publish(LandedSegments.build(
                        next.seal().id().stream(),
                        4,
                        11,
                        Collections.nCopies(5, LandedSegments.facts(3)),
                        START * 1_000_000,
                        1));
        counted.rollup();

        assertThat(texts("select reason from ledger where (edge, number) = ('edge-9', 4)"))
                .singleElement()
                .asString()
                .contains("another segment's");
        assertThat(counted.database().usage())
                .as(counted.seed())
                .isEqualTo(counted.segments().expected());
    }

    private void publish(EdgeLog log, int segments) throws Exception {
        for (int i = 0; i < segments; i++) {
            counted.segments().publishCounted(log.seal(0, NOW, 5));
        }
    }

    /** Counted then; a month later archived, audited and deleted. Returns when that is. */
    private Instant goneAfterAMonth(Instant then) {
        counted.rollup(then);
        counted.archive();
        counted.audit(false);
        Instant later = then.plus(Duration.ofDays(31));
        assertThat(counted.retain(later)).isPositive();
        return later;
    }

    private List<String> texts(String query) {
        return counted.database()
                .jdbi()
                .withHandle(
                        handle -> handle.createQuery(query).mapTo(String.class).list());
    }
}
