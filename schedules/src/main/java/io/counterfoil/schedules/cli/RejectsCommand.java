package io.counterfoil.schedules.cli;

import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingAddress;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.KeyMask;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.report.Report;
import io.counterfoil.sql.rollup.RejectStore;
import io.counterfoil.sql.rollup.RepairStore;
import io.counterfoil.sql.rollup.SegmentKey;
import io.counterfoil.sql.rollup.StagedReject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

@Command(name = "rejects", description = "Lines that are no request.", mixinStandardHelpOptions = true)
final class RejectsCommand {
    /** What stands for a file where there was none. */
    private static final String COLLECTOR = "collector";

    private final Counterfoil root;

    RejectsCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(name = "list", description = "Where they are, and why they are none.", mixinStandardHelpOptions = true)
    int list(
            @Option(names = "--edge", paramLabel = "NAME", description = "Only this edge's or source's.") String edge,
            @Option(names = "--file", paramLabel = "NAME", description = "Only of this file, as listed.") String file,
            @Option(names = "--segment", paramLabel = "EDGE/EPOCH/STREAM/NUMBER", description = "Only of this segment.")
                    String segment,
            @Mixin RowsOption rows)
            throws Exception {
        Map<String, String> parameters = new HashMap<>();
        Optional.ofNullable(edge).ifPresent(name -> parameters.put("edge", name));
        Optional.ofNullable(file).ifPresent(name -> parameters.put("file", name));
        Optional.ofNullable(segment).ifPresent(name -> parameters.put("segment", name));
        return rows.print(root, Report.listOf("rejects"), parameters);
    }

    @Command(
            name = "show",
            description = {
                "Print a rejected line from the landing; what looks like a key is starred out.",
                "A line of an imported log is not in the landing: it is told where in its file it stands."
            },
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "EDGE/EPOCH/STREAM/NUMBER", description = "As 'rejects list' shows it.")
                    String segment,
            @Parameters(paramLabel = "BYTE", description = "Where the line begins, as 'rejects list' shows it.")
                    long position,
            @Option(
                            names = "--landing",
                            paramLabel = "DIR",
                            description = "The landing, a folder or s3://bucket/prefix. Default: that of the home.")
                    String landing)
            throws Exception {
        SegmentId id = SegmentNames.parse(segment);
        SegmentKey key = SegmentNames.key(id);
        return root.withDatabase(jdbi -> {
            StagedReject reject = new RejectStore(jdbi)
                    .find(key, position)
                    .orElseThrow(() -> OperatorException.input("segment " + id + " has no reject at byte " + position
                            + "; see counterfoil rejects list --segment " + id));
            root.err().println(reject.file() + ", line " + reject.line() + ": " + RecordLines.safe(reject.reason()));
            if (reject.file().equals(id + ".csv")) {
                root.out().println(line(id, reject, landing));
            } else if (reject.file().equals(COLLECTOR)) {
                root.err().println("the line was posted to a collector and is kept nowhere; its sender was told");
            } else {
                root.err()
                        .println("the line is not in the landing: it is that of the imported file "
                                + RecordLines.safe(reject.file()) + ", " + reject.bytes() + " bytes from byte "
                                + position
                                + " on (uncompressed)");
            }
            return 0;
        });
    }

    @Command(
            name = "retry",
            description = {
                "Judge again what was more than a day ahead of the clock when it was counted, and is not any more.",
                "The next rollup does so, once; all other rejects stay."
            },
            mixinStandardHelpOptions = true)
    int retry(
            @Option(names = "--edge", paramLabel = "NAME", description = "Only this edge's or source's.") String edge,
            @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept.") String reason,
            @Option(
                            names = "--landing",
                            paramLabel = "DIR",
                            description = "The landing, a folder or s3://bucket/prefix. Default: that of the home.")
                    String address,
            @Mixin ActorOption actor)
            throws Exception {
        Instant now = root.clock().instant();
        Decision decision = reason == null ? actor.decision("their time has come", now) : actor.because(reason, now);
        return root.withDatabase(jdbi -> {
            RepairStore store = new RepairStore(jdbi);
            Landing landing = SegmentNames.landing(root, address, jdbi);
            int asked = 0;
            for (SegmentKey key : store.retryable(Optional.ofNullable(edge), now.plus(Duration.ofDays(1)))) {
                SegmentId id = SegmentNames.id(key);
                RepairStore.Judged judged = store.find(key).orElseThrow();
                Seal seal = SegmentNames.seal(landing, id, judged.sha256());
                String json = new String(SealJson.write(seal), StandardCharsets.UTF_8);
                if (store.askRetry(key, json, seal.sha256(), decision)) {
                    root.out().println("segment " + id + ": the next rollup judges its rejects again");
                    asked++;
                }
            }
            if (asked == 0) {
                root.out().println("no reject's reason has passed");
            }
            return 0;
        });
    }

    private String line(SegmentId id, StagedReject reject, String landing) {
        try {
            byte[] data = LandingAddress.parse(Optional.ofNullable(landing)
                            .orElseGet(() -> root.home().landing().toString()))
                    .open()
                    .data(id)
                    .orElseThrow(() -> OperatorException.corrupt("segment " + id
                            + " was counted, but its data is not in the landing; check --landing, or restore it"));
            byte[] csv = Zstd.decompress(data);
            long end = reject.bytePosition() + reject.bytes();
            if (end > csv.length) {
                throw OperatorException.corrupt("segment " + id + " has " + csv.length + " bytes, its reject ends at "
                        + end + ": it was changed after it was counted; counterfoil log verify " + id + " says more");
            }
            byte[] line = Arrays.copyOfRange(csv, (int) reject.bytePosition(), (int) end);
            String text = new String(KeyMask.masked(line), StandardCharsets.ISO_8859_1);
            return RecordLines.safe(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
        } catch (IllegalArgumentException e) {
            throw OperatorException.input(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw OperatorException.down("segment " + id + " cannot be read: " + e.getMessage(), e);
        }
    }
}
