package io.counterfoil.schedules.cli;

import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingLayout;
import io.counterfoil.accesslog.landing.SegmentRepair;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.report.Report;
import io.counterfoil.sql.rollup.RepairStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

@Command(name = "quarantine", description = "Segments that are not what was sealed.", mixinStandardHelpOptions = true)
final class QuarantineCommand {
    private final Counterfoil root;

    QuarantineCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(name = "list", description = "Which they are, why, and what was done.", mixinStandardHelpOptions = true)
    int list(
            @Option(names = "--edge", paramLabel = "NAME", description = "Only this edge's or source's.") String edge,
            @Mixin RowsOption rows)
            throws Exception {
        Map<String, String> parameters = new HashMap<>();
        Optional.ofNullable(edge).ifPresent(name -> parameters.put("edge", name));
        return rows.print(root, Report.listOf("quarantine"), parameters);
    }

    @Command(
            name = "repair",
            description = {
                "Give the right data of a segment that is quarantined, or was damaged once it was counted, from the edge's disk or a backup.",
                "FILE must be exactly what the seal states: it is verified whole, then put into the landing under a name of its own;"
                        + " the next rollup counts it, once. The landing's own object stays."
            },
            mixinStandardHelpOptions = true)
    int repair(
            @Parameters(paramLabel = "EDGE/EPOCH/STREAM/NUMBER", description = "As 'quarantine list' shows it.")
                    String segment,
            @Parameters(paramLabel = "FILE", description = "The segment's lines, plain or as .zst.") Path file,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Where FILE is from; kept.")
                    String reason,
            @Option(
                            names = "--landing",
                            paramLabel = "DIR",
                            description = "The landing, a folder or s3://bucket/prefix. Default: that of the home.")
                    String address,
            @Mixin ActorOption actor)
            throws Exception {
        SegmentId id = SegmentNames.parse(segment);
        byte[] bytes = bytes(file);
        return root.withDatabase(jdbi -> {
            RepairStore store = new RepairStore(jdbi);
            RepairStore.Judged judged = store.find(SegmentNames.key(id))
                    .orElseThrow(() -> OperatorException.input("segment " + id
                            + " was not judged by a rollup yet; expected one of counterfoil quarantine list"));
            if (!judged.quarantined()) {
                return copyOfCounted(SegmentNames.landing(root, address, jdbi), id, judged, bytes, file);
            }
            if (judged.asked()) {
                root.out().println("segment " + id + ": a repair was asked for already, the next rollup judges it");
                return 0;
            }
            Landing landing = SegmentNames.landing(root, address, jdbi);
            Seal seal = SegmentNames.seal(landing, id, judged.sha256());
            int copy = publish(landing, seal, bytes, file);
            String json = new String(SealJson.write(seal), StandardCharsets.UTF_8);
            boolean asked = store.askRepair(
                    SegmentNames.key(id),
                    copy,
                    json,
                    seal.sha256(),
                    actor.because(reason, root.clock().instant()));
            root.out()
                    .println("segment " + id + ": "
                            + (asked
                                    ? seal.records().count() + " records are as sealed and lie in "
                                            + LandingLayout.repair(id, copy) + "; the next rollup counts them"
                                    : "somebody else was faster; see counterfoil quarantine list"));
            return 0;
        });
    }

    /** What was counted is not counted again; whoever reads the segment, as the archive does, has what was sealed again. */
    private int copyOfCounted(Landing landing, SegmentId id, RepairStore.Judged judged, byte[] bytes, Path file) {
        Seal seal = SegmentNames.seal(landing, id, judged.sha256());
        if (SegmentNames.isWhole(landing, seal)) {
            throw OperatorException.input("segment " + id
                    + " is counted and lies in the landing as it was sealed, there is" + " nothing to repair");
        }
        int copy = publish(landing, seal, bytes, file);
        root.out()
                .println("segment " + id + ": " + seal.records().count() + " records are as sealed and lie in "
                        + LandingLayout.repair(id, copy) + "; they were counted before, nothing is counted again");
        return 0;
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw OperatorException.input("file " + file + " cannot be read: " + e.getMessage());
        }
    }

    private static int publish(Landing landing, Seal seal, byte[] bytes, Path file) {
        try {
            return SegmentRepair.publish(landing, seal, bytes);
        } catch (CorruptSegmentException e) {
            throw OperatorException.corrupt("file " + file + " is not what was sealed: " + e.getMessage()
                    + "; nothing was changed. Another copy may be; where there is none, counterfoil edge declare-lost "
                    + seal.id().stream().edge() + " " + seal.id().stream().epoch() + " --reason TEXT lets hours go on");
        } catch (IOException e) {
            throw OperatorException.down("landing cannot be read or written: " + e.getMessage() + "; run it again", e);
        }
    }
}
