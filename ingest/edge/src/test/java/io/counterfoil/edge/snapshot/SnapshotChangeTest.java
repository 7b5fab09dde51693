package io.counterfoil.edge.snapshot;

import io.counterfoil.edge.testing.SettableClock;
import io.counterfoil.sql.snapshot.SnapshotRows.FlagRow;
import io.counterfoil.sql.snapshot.SnapshotRows.Head;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import io.counterfoil.sql.snapshot.SnapshotRows.LimitRow;
import io.counterfoil.sql.snapshot.SnapshotRows.OverrideRow;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import static io.counterfoil.edge.snapshot.SnapshotExamples.DATABASE;
import static io.counterfoil.edge.snapshot.SnapshotExamples.HOUR;
import static io.counterfoil.edge.snapshot.SnapshotExamples.NOW;
import static io.counterfoil.edge.snapshot.SnapshotExamples.disabled;
import static io.counterfoil.edge.snapshot.SnapshotExamples.find;
import static io.counterfoil.edge.snapshot.SnapshotExamples.flag;
import static io.counterfoil.edge.snapshot.SnapshotExamples.hash;
import static io.counterfoil.edge.snapshot.SnapshotExamples.key;
import static io.counterfoil.edge.snapshot.SnapshotExamples.limit;
import static io.counterfoil.edge.snapshot.SnapshotExamples.next;
import static io.counterfoil.edge.snapshot.SnapshotExamples.over;
import static io.counterfoil.edge.snapshot.SnapshotExamples.standing;
import static io.counterfoil.edge.snapshot.SnapshotExamples.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SnapshotChangeTest {
    @Test
    void mergesChangesDropsDisabledKeysAndLiftedFlags() throws Exception {
        Snapshot first = whole(5, List.of(key(1, 11), key(2, 12)), flag(1, "refuse"), flag(2, "warn"));
        FlagRow lifted = flag(1, "refuse", HOUR, HOUR.plusSeconds(3600), true);
        Snapshot next = next(first, 7, false, List.of(disabled(2, 12), key(3, 13)), lifted);
        assertThat(next.version()).isEqualTo(7);
        assertThat(next.keyCount()).isEqualTo(2);
        assertThat(List.of(find(next, 11), find(next, 12), find(next, 13))).containsExactly(1L, 0L, 3L);
        assertThat(over(next, 11, NOW)).isEmpty();
        assertThat(over(first, 11, NOW)).map(each -> each.flag().used()).contains(104L);
        assertThat(find(next(next, 8, false, List.of(key(2, 12))), 12)).isEqualTo(2);
    }

    @Test
    void aRotatedKeyIsOneKeyWithTwoSecretsOfWhichTheOldOneEndsByItself() throws Exception {
        Instant end = NOW.plusSeconds(60);
        Snapshot old = whole(5, List.of(key(1, 11)));
        Snapshot rotated = next(
                old, 6, false, List.of(key(1, 11, true, Optional.of(end), ""), key(1, 21, true, Optional.empty(), "")));
        SettableClock clock = new SettableClock(end.minusMillis(1));

        assertThat(rotated.keyCount()).isEqualTo(1);
        assertThat(rotated.holds(rotated.find(0, 0, 0, 11), clock)).isTrue();
        clock.set(end);
        assertThat(rotated.holds(rotated.find(0, 0, 0, 11), clock)).isFalse();
        assertThat(rotated.holds(rotated.find(0, 0, 0, 21), clock)).isTrue();
        assertThat(rotated.keyId(rotated.find(0, 0, 0, 21))).isEqualTo(1);
    }

    @Test
    void refusesWhatCannotBeRight() throws Exception {
        Snapshot old = whole(5, List.of(key(1, 11), key(2, 12)));
        assertRefused(old, 6, List.of(key(3, 12)), "key 3 has the hash of key 2");
        assertRefused(old, 6, List.of(key(3, 13), key(4, 13)), "key 4 has the hash of key 3 too");
        assertRefused(old, 6, List.of(key(3, 13), key(3, 13)), "key 3 has the hash of key 3 too");
        assertRefused(
                old, 6, List.of(key(3, 13), key(4, 14), key(3, 15)), "key 3 comes after key 4: rows are in it twice");
        assertRefused(
                old,
                6,
                List.of(key(3, 13), new KeyRow(3, 1, 0, "other", hash(14), true, Optional.empty(), "")),
                "key 3 is in it twice, with different accounts or labels");
        assertRefused(
                old,
                6,
                List.of(new KeyRow(1, 2, 0, "key-1", hash(11), true, Optional.empty(), "")),
                "key 1 is of account 2, expected 1");
        assertRefused(
                old,
                6,
                List.of(),
                new FlagRow(1, 1, 100, 99, true, HOUR, NOW, HOUR.plusSeconds(3600), false),
                "is over with 99 of 100 used");
        assertThatThrownBy(() -> RowCheck.limit(limit("explode")))
                .isInstanceOf(SnapshotRefusedException.class)
                .hasMessageContaining("reads 'hour', 'requests', 'explode', 'key'");
        assertRefused(
                old, 6, List.of(), flag(1, "refuse", HOUR, HOUR.plusSeconds(86_400L * 40), false), "up to 32 days");
        FlagRow absurdTime = flag(1, "refuse", Instant.MIN, Instant.MIN.plusSeconds(3600), false);
        assertRefused(old, 6, List.of(), absurdTime, "names the time");
        assertRefused(old, 6, List.of(), flag(1, "refuse", null, HOUR, false), "names the time null");
    }

    @Test
    void refusesFieldsThatAreBlankMissingOrOutOfBounds() throws Exception {
        Snapshot old = whole(5, List.of(key(1, 11)));
        Optional<Instant> never = Optional.empty();
        assertRefused(old, 6, List.of(new KeyRow(0, 1, 0, "x", hash(1), true, never, "")), "a number below 1");
        assertRefused(
                old,
                6,
                List.of(new KeyRow(3, 0, 0, "x", hash(1), true, never, "")),
                "account 0 on plan 0 has a number below 1");
        for (String label : new String[] {null, "", " x", "x ", "tab\t", "ü", "x".repeat(129)}) {
            assertRefused(old, 6, List.of(new KeyRow(3, 1, 0, label, hash(1), true, never, "")), "key 3 has no label");
        }
        assertRefused(
                old,
                6,
                List.of(new KeyRow(3, 1, 0, "x", new byte[31], true, never, "")),
                "a hash of 31 bytes, expected 32");
        assertRefused(
                old, 6, List.of(new KeyRow(3, 1, 0, "x", null, true, never, "")), "a hash of 0 bytes, expected 32");
        assertRefused(old, 6, List.of(key(3, 1, true, Optional.of(Instant.MAX), "")), "expected a time between 1990");
        for (String scopes : new String[] {null, " ", "read  write", "Read", "read,", "a ".repeat(33) + "a"}) {
            assertRefused(old, 6, List.of(key(3, 1, true, never, scopes)), "key 3 has scopes '" + scopes);
        }
    }

    @Test
    void refusesAnOlderOneAndOneOfAnotherDatabase() throws Exception {
        Snapshot old = whole(5, List.of(key(1, 11)));
        assertRefused(old, 4, List.of(), "it is not newer than version 5, the one in use: the database was restored");
        assertThatThrownBy(() -> new SnapshotIntake(old, false, false, -1).head(new Head("another", 6, 0)))
                .isInstanceOf(SnapshotRefusedException.class)
                .hasMessageContaining("it comes from database another, expected " + DATABASE);
        assertThat(new SnapshotIntake(old, false, false, 6).head(new Head(DATABASE, 6, 1)))
                .as("looked at and refused before")
                .isFalse();
    }

    @Test
    void refusesAnEmptyOneAndTheLossOfMoreThanHalfOfManyKeys() throws Exception {
        Snapshot few = whole(5, List.of(key(1, 11)));
        Snapshot many =
                whole(5, IntStream.rangeClosed(1, 100).mapToObj(i -> key(i, i)).toList());
        List<KeyRow> gone51 =
                IntStream.rangeClosed(1, 51).mapToObj(i -> disabled(i, i)).toList();
        List<KeyRow> left49 =
                IntStream.rangeClosed(52, 100).mapToObj(i -> key(i, i)).toList();

        assertRefusedWhole(few, List.of(), "it has no keys, the one in use has 1");
        assertRefused(many, 6, gone51, "51 of the 100 keys in use are gone at once");
        assertRefusedWhole(many, left49, "51 of the 100 keys in use are gone at once");
        assertThat(next(many, 6, false, gone51.subList(0, 50)).keyCount()).isEqualTo(50);
        assertThat(next(few, 6, false, List.of(disabled(1, 11))).keyCount()).isZero();
    }

    private static void assertRefused(Snapshot old, long version, List<KeyRow> keys, String why) {
        assertThatThrownBy(() -> next(old, version, false, keys))
                .isInstanceOf(SnapshotRefusedException.class)
                .hasMessageContaining(why);
    }

    private static void assertRefused(Snapshot old, long version, List<KeyRow> keys, FlagRow flag, String why) {
        assertThatThrownBy(() -> next(old, version, false, keys, flag))
                .isInstanceOf(SnapshotRefusedException.class)
                .hasMessageContaining(why);
        List<KeyRow> twice = new ArrayList<>(keys);
        assertThatThrownBy(() -> next(old, version, false, twice, flag(1, "warn"), flag(1, "warn")))
                .hasMessageContaining("the flag of subject 1 for limit 2 is in it twice");
    }

    private static void assertRefusedWhole(Snapshot old, List<KeyRow> keys, String why) {
        assertThatThrownBy(() -> next(old, 6, true, keys))
                .isInstanceOf(SnapshotRefusedException.class)
                .hasMessageContaining(why);
    }

    @Test
    void takesTheSternestFlagThatHoldsNow() throws Exception {
        Instant end = HOUR.plusSeconds(3600);
        Snapshot snapshot = whole(
                2,
                List.of(key(1, 11)),
                flag(1, "refuse"),
                flag(1, "warn", HOUR, end.plusSeconds(9999), false),
                flag(1, "notify", HOUR, end.plusSeconds(99_999), false));
        assertThat(over(snapshot, 11, NOW)).map(each -> each.limit().action()).contains(FlagAction.REFUSE);
        assertThat(over(snapshot, 11, HOUR.minusNanos(1))).isEmpty();
        assertThat(over(snapshot, 11, end)).map(each -> each.limit().action()).contains(FlagAction.WARN);
        assertThat(over(snapshot, 11, end.plusSeconds(9999)))
                .map(each -> each.limit().action())
                .contains(FlagAction.NOTIFY);
        assertThat(over(snapshot, 11, end.plusSeconds(99_999))).isEmpty();
    }

    @Test
    void anAccountsFlagHoldsItsKeysOnThePlanAndNoOthers() throws Exception {
        SnapshotIntake intake = new SnapshotIntake(Snapshot.EMPTY, true, false, -1);
        intake.head(new Head(DATABASE, 3, 3));
        intake.limit(new LimitRow(1, 5, "account", "day", "bytes_out", 4096, "refuse", false));
        intake.limit(new LimitRow(2, 5, "key", "hour", "requests", 10, "warn", false));
        intake.limit(new LimitRow(3, 6, "key", "period", "units", 70, "notify", false));
        intake.override(new OverrideRow(1, 0, 7, "hour", "requests", "", 50, Optional.of(NOW.plusSeconds(60)), false));
        intake.key(new KeyRow(1, 7, 5, "on-plan", hash(11), true, Optional.empty(), ""));
        intake.key(new KeyRow(2, 7, 6, "on-another", hash(12), true, Optional.empty(), ""));
        intake.key(new KeyRow(3, 8, 5, "of-another", hash(13), true, Optional.empty(), ""));
        Instant end = HOUR.plusSeconds(7200);
        intake.flag(new FlagRow(1, 7, 4096, 5000, true, HOUR, NOW, end, false));
        intake.flag(new FlagRow(2, 3, 10, 6, false, HOUR, NOW, end, false));
        Snapshot snapshot = Snapshot.EMPTY.with(intake.change(), NOW);

        assertThat(over(snapshot, 11, NOW)).map(Standing.Used::text).contains("4KiB/day");
        assertThat(over(snapshot, 12, NOW)).isEmpty();
        assertThat(over(snapshot, 13, NOW)).isEmpty();
        assertThat(standing(snapshot, 11, NOW).policy())
                .isEqualTo("\"day-bytes-account\";q=4096;qu=\"content-bytes\";w=86400, \"hour-warn\";q=50;w=3600");
        assertThat(standing(snapshot, 11, NOW.plusSeconds(60)).policy()).contains("\"hour-warn\";q=10;w=3600");
        assertThat(standing(snapshot, 12, NOW)).isEqualTo(Standing.NONE);
        assertThat(standing(snapshot, 13, NOW).used())
                .singleElement()
                .extracting(each -> each.flag().used())
                .isEqualTo(6L);
    }

    @Test
    void tellsTheOperatorWhatChanged() throws Exception {
        Snapshot old = whole(12, List.of(key(1, 11), key(2, 12)), flag(2, "warn"));
        FlagRow lifted = flag(2, "warn", HOUR, HOUR.plusSeconds(3600), true);
        Snapshot next = next(old, 13, false, List.of(key(3, 13)), flag(1, "refuse"), lifted);
        assertThat(SnapshotNews.lines(old, next, NOW))
                .containsExactly(
                        "snapshot version 13: 3 keys, 2 before",
                        "snapshot version 13: key key-1 over 100/hour (104 used), refused until 15:00:00Z",
                        "snapshot version 13: key key-2 is no longer held over 100/hour");
        assertThat(SnapshotNews.lines(next, next, NOW)).isEmpty();
    }
}
