package io.counterfoil.jobs.imports;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;

import static org.assertj.core.api.Assertions.assertThat;

/** Each written line becomes one record, whatever becomes of the files and whenever the follower dies. */
final class LogFollowerTest {
    @TempDir
    Path folder;

    private final List<String> said = new ArrayList<>();
    private Imports imports;
    private WrittenLog log;
    private LogFollower follower;
    private Runnable between = () -> {};

    @BeforeEach
    void start() throws IOException {
        imports = Imports.of(folder.resolve("landing"), "combined", "user");
        log = new WrittenLog(Files.createDirectory(folder.resolve("log")));
        restart();
    }

    @AfterEach
    void stop() throws IOException {
        follower.close();
    }

    /** As after kill -9: only the landing is left. */
    private void restart() throws IOException {
        restart(imports.settings());
    }

    private void restart(ImportSettings settings) throws IOException {
        if (follower != null) {
            follower.close();
        }
        var source = DatabaseAccess.dataSource(imports.database().jdbcUrl());
        ImportTarget target = ImportTarget.check(imports.landing(), source, settings);
        FollowContext context = new FollowContext(
                target.landing(),
                settings,
                target.keys(settings, Instant::now),
                new ImportCounts(),
                said::add,
                () -> between.run());
        follower = new LogFollower(new RotatedLog(log.live()), context);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anyOrderOfWritingRotatingCompressingAndDyingCountsEachLineOnce(boolean equalFirstLines) throws IOException {
        long seed = Long.getLong("counterfoil.test.seed", System.nanoTime());
        Random random = new Random(seed);
        log.beginFilesWithTheSameLine(equalFirstLines);
        for (int step = 0; step < 400; step++) {
            act(random);
        }
        // A rotated file with which the live one begins may be a copy of that; now it is none.
        log.beginFilesWithTheSameLine(false);
        log.rename();
        log.write(3);
        follower.look();
        follower.look();

        List<String> missing = new ArrayList<>(log.written());
        List<String> surplus = new ArrayList<>(imports.records("bytes_out"));
        imports.records("bytes_out").forEach(missing::remove);
        log.written().forEach(surplus::remove);
        if (said.stream().anyMatch(line -> line.contains("cannot be told"))) {
            // Only the lines that logs begin with alike.
            missing.removeIf("0"::equals);
        }
        assertThat(List.of(missing, surplus))
                .as("lines that are missing, and that are there twice; seed " + seed + " of "
                        + log.written().size() + " lines\n" + String.join("\n", said))
                .containsExactly(List.of(), List.of());
    }

    private void act(Random random) throws IOException {
        switch (random.nextInt(12)) {
            case 0 -> log.rename();
            case 1 -> {
                log.copyHalf();
                lookSometimes(random);
                log.copy();
                lookSometimes(random);
                if (random.nextInt(4) == 0) {
                    restart();
                    lookSometimes(random);
                }
                log.truncate();
            }
            case 2 -> log.compressHalf();
            case 3 -> log.compress();
            case 4, 5 -> restart();
            case 6 -> log.writeUnterminated();
            case 7, 8 -> log.write(1 + random.nextInt(40));
            case 9 -> log.write(1);
            default -> follower.look();
        }
    }

    private void lookSometimes(Random random) throws IOException {
        if (random.nextBoolean()) {
            follower.look();
        }
    }

    @Test
    void whatIsWrittenToARenamedFileBeforeItsServerReopensItCounts() throws IOException {
        log.write(3);
        follower.look();
        Path old = log.renameOnly();
        follower.look();
        log.writeTo(old, 2);
        follower.look();
        log.write(1);
        follower.look();
        log.writeTo(old, 1);
        follower.look();

        assertThat(imports.records("bytes_out")).containsExactlyInAnyOrderElementsOf(log.written());
        assertThat(said).containsExactly("access.log was rotated: it is access.log.1 now");
    }

    @Test
    void aFileThatWasMovedOutOfSightIsReadToItsEnd() throws IOException {
        log.write(3);
        follower.look();
        log.write(2);
        Files.move(log.live(), folder.resolve("elsewhere"));
        log.write(1);
        follower.look();
        log.writeTo(folder.resolve("elsewhere"), 1);
        follower.look();

        assertThat(imports.records("bytes_out")).containsExactlyInAnyOrderElementsOf(log.written());
    }

    /** The line that is written between copy and truncation is lost to whoever reads the rotated files; it was read here. */
    @Test
    void aCopyThatEndsBeforeWhatWasReadIsNotCountedAgainWhenTheFollowerStartsAnew() throws IOException {
        log.write(200);
        follower.look();
        log.copy();
        log.write(1);
        follower.look();
        log.truncate();
        log.write(5);
        follower.look();
        restart();
        follower.look();
        log.compress();
        follower.look();
        restart();
        follower.look();

        assertThat(imports.records("bytes_out")).containsExactlyInAnyOrderElementsOf(log.written());
        assertThat(said).contains("access.log was truncated, it had been read up to byte " + log.bytesOf(201));
    }

    @Test
    void aShortCopyThatEndsBeforeWhatWasReadIsNotCountedEither() throws IOException {
        log.write(3);
        follower.look();
        log.copy();
        follower.look();
        log.write(1);
        follower.look();
        log.truncate();
        log.write(1);
        follower.look();
        follower.look();

        assertThat(imports.records("bytes_out")).containsExactlyInAnyOrderElementsOf(log.written());
    }

    @Test
    void aShortCopyThatEndsBeforeWhatWasReadIsNotCountedWhenTheFollowerStartsAnew() throws IOException {
        log.write(3);
        log.copy();
        log.write(1);
        follower.look();
        log.truncate();
        log.write(1);
        restart();
        follower.look();
        log.compress();
        restart();
        follower.look();

        assertThat(imports.records("bytes_out")).containsExactlyInAnyOrderElementsOf(log.written());
        assertThat(said).noneMatch(line -> line.contains("cannot be told"));
    }

    @Test
    void aLogThatBeginsWithAllThatWasKnownOfARenamedOneIsAnother() throws IOException {
        log.beginFilesWithTheSameLine(true);
        log.write(2);
        follower.look();
        log.rename();
        log.write(4);
        restart();
        follower.look();

        assertThat(imports.records("bytes_out")).containsExactlyInAnyOrderElementsOf(log.written());
    }

    @Test
    void aFileOfWhichNothingTellsWhetherItIsACopyIsNotCountedAndSaid() throws IOException {
        log.beginFilesWithTheSameLine(true);
        log.write(1);
        log.rename();
        log.write(1);
        log.rename();
        log.write(3);
        follower.look();
        log.rename();
        log.beginFilesWithTheSameLine(false);
        log.write(1);
        follower.look();

        assertThat(imports.records("bytes_out")).containsExactlyInAnyOrder("0", "0", "5", "6");
        assertThat(said)
                .contains("access.log.3 begins with lines of one time that were counted from another file;"
                        + " whether it is a copy of that cannot be told, and they are not counted again."
                        + " If it is none, they are missing: import it under another --source");
    }

    @Test
    void aLogThatWasRewrittenIsNotCountedAgainAndSaid() throws IOException {
        log.write(60);
        follower.look();
        restart();
        byte[] bytes = Files.readAllBytes(log.live());
        bytes[bytes.length - 2] = '9';
        Files.write(log.live(), bytes);
        follower.look();
        follower.look();

        assertThat(imports.records("bytes_out")).isEqualTo(log.written());
        assertThat(said)
                .containsExactly("access.log begins as one that was counted up to byte " + log.bytesOf(60)
                        + ", and does not hold what was read of that: it was rewritten. Nothing of it is counted;"
                        + " import it under another --source");
    }

    @Test
    void linesThatAreTruncatedBetweenTheirReadingAndTheirSealAreKnownAgainInTheCopy() throws IOException {
        log.write(3);
        between = once(() -> {
            log.copy();
            log.truncate();
            log.write(5);
        });
        follower.look();
        follower.look();
        follower.look();

        assertThat(imports.records("bytes_out")).containsExactlyInAnyOrderElementsOf(log.written());
    }

    private Runnable once(Step step) {
        return () -> {
            between = () -> {};
            try {
                step.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    private interface Step {
        void run() throws IOException;
    }

    @Test
    void whatATruncationTookIsSaid() throws IOException {
        log.write(3);
        follower.look();
        log.truncate();
        log.write(1);
        follower.look();
        follower.look();

        assertThat(imports.records("bytes_out")).containsExactlyInAnyOrderElementsOf(log.written());
        assertThat(said)
                .containsExactly(
                        "access.log was truncated, it had been read up to byte " + log.bytesOf(3),
                        "nothing beside access.log goes on where it was read up to, byte " + log.bytesOf(3)
                                + ": what was written behind that before it was truncated is lost, if anything was");
    }

    @Test
    void anUnknownKeyHoldsWhatFollowsItIsSaidOnceAndGoesOnByItself() throws IOException {
        ImportSettings strict = new ImportSettings("combined", "user", "shop", Optional.empty(), false, false, false);
        KeyStore keys = new KeyStore(imports.database().jdbi());
        long account = new AccountStore(imports.database().jdbi()).ensure("acme", Instant.now());
        keys.create(
                List.of(new KeyStore.NewKey(account, Optional.empty(), "bob", Optional.empty(), "test")),
                Instant.now());
        restart(strict);
        log.write(3);
        log.as("eve");
        log.write(2);
        follower.look();
        follower.look();
        assertThat(imports.records("key")).containsExactly("bob", "bob", "bob");
        log.rename();
        log.as("bob");
        log.write(1);
        follower.look();
        log.compress();
        follower.look();
        assertThat(imports.records("key")).containsExactly("bob", "bob", "bob", "bob");
        restart(strict);
        follower.look();
        keys.create(
                List.of(new KeyStore.NewKey(account, Optional.empty(), "eve", Optional.empty(), "test")),
                Instant.now());
        follower.look();

        assertThat(imports.records("bytes_out")).containsExactlyInAnyOrderElementsOf(log.written());
        assertThat(said)
                .contains("access.log, line 4 (byte " + log.bytesOf(3) + "): the key in 'user' is not known."
                        + " What follows waits until it is: counterfoil key import FILE.csv;"
                        + " or follow with --create-keys or --unknown-as-none")
                .hasSize(3);
        assertThat(said).noneMatch(line -> line.contains("eve"));
    }

    @Test
    void aLogThatIsNoneOfTheFormatIsNotTaken() throws IOException {
        Files.writeString(log.live(), "{\"status\":200}\n");
        follower.look();
        follower.look();
        assertThat(imports.records()).isEmpty();
        assertThat(said).singleElement().asString().contains("none of its 1 lines is a request as --format combined");

        log.write(1);
        follower.look();
        assertThat(imports.records("bytes_out")).isEqualTo(log.written());
        assertThat(imports.reasons()).hasSize(1);
    }

    @Test
    void whatPersonsLeaveBesideALogIsNoneOfIt() throws IOException {
        UnaryOperator<String> line =
                bytes -> "192.0.2.1 - bob [01/Oct/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 " + bytes + "\n";
        for (Map.Entry<String, String> file : Map.of(
                        "access.log.1", "1",
                        "access.log-20261031", "2",
                        "access.log-2026-10-31T10:00:00", "3",
                        "access.log.bak", "4",
                        "access.log.1.bak", "5",
                        "access.log.swp", "6",
                        "other-access.log.1", "7")
                .entrySet()) {
            Files.writeString(log.live().resolveSibling(file.getKey()), line.apply(file.getValue()));
        }
        follower.look();

        assertThat(imports.records("bytes_out")).containsExactlyInAnyOrder("1", "2", "3");
    }
}
