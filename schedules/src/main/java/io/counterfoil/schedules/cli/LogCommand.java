package io.counterfoil.schedules.cli;

import io.counterfoil.accesslog.inspect.InspectedSegment;
import io.counterfoil.accesslog.inspect.SegmentCheck;
import io.counterfoil.accesslog.inspect.SegmentCheck.Verdict;
import io.counterfoil.accesslog.inspect.SegmentLookup;
import io.counterfoil.accesslog.inspect.StreamStates;
import io.counterfoil.accesslog.inspect.StreamTail;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingAddress;
import io.counterfoil.accesslog.record.CorruptRecordException;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.segment.CorruptSegmentException;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

@Command(
        name = "log",
        description = "Look into the access log: what an edge writes, and what it sealed and landed.",
        mixinStandardHelpOptions = true)
final class LogCommand {
    private static final String SEGMENT =
            "A file segment-K.csv of an edge's data folder, a sealed or landed NUMBER.csv.zst, or"
                    + " EDGE/EPOCH/STREAM/NUMBER of the landing.";
    private static final String LANDING = "Where the edge ships to. Default: 'landing' in the home.";
    private static final long POLL_MILLIS = 100;

    private final Counterfoil root;

    LogCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "cat",
            description = "Print a segment's records; stops at the first wrong one (exit code 3).",
            mixinStandardHelpOptions = true)
    int cat(
            @Parameters(arity = "1..*", paramLabel = "SEGMENT", description = SEGMENT) List<String> segments,
            @Option(names = "--json", description = "One JSON object a line, in place of CSV with a header.")
                    boolean json,
            @Option(names = "--landing", paramLabel = "DIR", description = LANDING) String landing) {
        SegmentLookup lookup = new SegmentLookup(landing(landing));
        RecordLines lines = new RecordLines(root.out(), json);
        lines.begin();
        for (String segment : segments) {
            InspectedSegment found = find(lookup, segment);
            RecordCursor cursor = found.cursor();
            try {
                while (cursor.next()) {
                    lines.print(cursor.record());
                }
            } catch (CorruptRecordException e) {
                root.out().flush();
                throw corrupt(found.name(), SegmentCheck.check(found).fault().orElse(e.getMessage()));
            }
        }
        return 0;
    }

    @Command(
            name = "tail",
            description = "Print the last records of a stream that an edge writes, and go on with -f.",
            mixinStandardHelpOptions = true)
    int tail(
            @Parameters(paramLabel = "SEGMENT", description = "A file segment-K.csv of the stream.") Path segment,
            @Option(
                            names = "-n",
                            defaultValue = "10",
                            paramLabel = "N",
                            description = "How many of the records that are not" + " sealed yet. Default: 10.")
                    int count,
            @Option(names = "-f", description = "Go on as the edge does, until interrupted.") boolean follow,
            @Option(names = "--json", description = "One JSON object a line, in place of CSV with a header.")
                    boolean json,
            @Option(names = "--landing", paramLabel = "DIR", description = LANDING) String landing)
            throws InterruptedException {
        StreamTail tail = stream(segment, landing(landing));
        RecordLines lines = new RecordLines(root.out(), json);
        lines.begin();
        return told(() -> print(tail, segment, lines, count, follow));
    }

    private static StreamTail stream(Path segment, Landing landing) {
        try {
            return new StreamTail(segment, landing);
        } catch (IllegalArgumentException e) {
            throw OperatorException.input(String.valueOf(e.getMessage()));
        }
    }

    private int print(StreamTail tail, Path segment, RecordLines lines, int count, boolean follow)
            throws IOException, InterruptedException {
        try {
            tail.last(count).forEach(lines::print);
            while (follow && !root.out().checkError()) {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
                StreamTail.News news = tail.next();
                if (news.missed() > 0) {
                    root.err()
                            .println(news.missed()
                                    + " records were sealed meanwhile and are neither in the data folder nor"
                                    + " in the landing: name it with --landing");
                }
                for (LogRecord record : news.records()) {
                    lines.print(record);
                }
            }
        } catch (CorruptRecordException e) {
            throw corrupt(segment.toString(), e.getMessage() + " at byte " + e.bytePosition());
        } catch (CorruptSegmentException e) {
            throw OperatorException.corrupt(e.getMessage());
        }
        return 0;
    }

    @Command(
            name = "verify",
            description = {
                "Check each line's form, CRC, sequence and time, the seal's digest and the chain; name the wrong byte.",
                "One line a segment; exit code 3 where any is corrupt."
            },
            mixinStandardHelpOptions = true)
    int verify(
            @Parameters(arity = "1..*", paramLabel = "SEGMENT", description = SEGMENT) List<String> segments,
            @Option(names = "--landing", paramLabel = "DIR", description = LANDING) String landing) {
        SegmentLookup lookup = new SegmentLookup(landing(landing));
        int corrupt = 0;
        for (String segment : segments) {
            try {
                Verdict verdict = SegmentCheck.check(find(lookup, segment));
                corrupt += verdict.fault().isPresent() ? 1 : 0;
                root.out().println(LogSummaries.of(verdict));
            } catch (OperatorException e) {
                if (e.category() != OperatorException.Category.CORRUPT) {
                    throw e;
                }
                corrupt++;
                root.out().println(e.getMessage());
            }
        }
        if (corrupt > 0) {
            throw OperatorException.corrupt(
                    corrupt + " of " + segments.size()
                            + " segments are corrupt; keep a copy, and compare with the edge's data folder or the landing's backup");
        }
        return 0;
    }

    @Command(
            name = "streams",
            description = "Where each stream of an edge's data folder stands: written, sealed, landed.",
            mixinStandardHelpOptions = true)
    int streams(
            @Option(
                            names = "--data",
                            paramLabel = "DIR",
                            description = "The edge's data folder. Default: 'edge' in the home.")
                    Path data,
            @Option(names = "--landing", paramLabel = "DIR", description = LANDING) String landing,
            @Option(names = "--json", description = "One JSON object a line, in place of a table.") boolean json)
            throws InterruptedException {
        Path folder = data == null ? root.home().edge() : data;
        return told(() -> {
            List<StreamStates.State> states = StreamStates.of(folder, landing(landing));
            if (states.isEmpty()) {
                root.err().println("no stream in " + folder + "; name the edge's data folder with --data");
            }
            LogSummaries.print(states, root.clock().instant(), RowsFormat.named(json ? "json" : "table", root.out()));
            return 0;
        });
    }

    private Landing landing(String address) {
        try {
            return LandingAddress.parse(Optional.ofNullable(address)
                            .orElseGet(() -> root.home().landing().toString()))
                    .open();
        } catch (IllegalArgumentException e) {
            throw OperatorException.input(String.valueOf(e.getMessage()));
        }
    }

    @FunctionalInterface
    private interface Reading {
        int run() throws IOException, InterruptedException;
    }

    private static int told(Reading reading) throws InterruptedException {
        try {
            return reading.run();
        } catch (IOException e) {
            throw unreadable(e);
        } catch (UncheckedIOException e) {
            throw unreadable(e.getCause());
        }
    }

    /** A file that may not be read is for the operator to mend, S3 may come back; else it is what stands in a file. */
    private static OperatorException unreadable(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof FileSystemException) {
                return OperatorException.input(
                        "access log cannot be read: " + cause.getMessage() + "; expected files that you may read");
            }
            if (cause.getClass().getName().startsWith("software.amazon.awssdk.")) {
                return OperatorException.down(
                        "access log cannot be read: " + e.getMessage() + "; run the command again once it answers", e);
            }
        }
        return OperatorException.corrupt("access log cannot be read: " + e.getMessage()
                + "; keep a copy, and compare with the edge's data folder or the landing's backup");
    }

    private static InspectedSegment find(SegmentLookup lookup, String segment) {
        try {
            return lookup.find(segment);
        } catch (CorruptSegmentException e) {
            throw OperatorException.corrupt(e.getMessage());
        } catch (IOException e) {
            throw unreadable(e);
        } catch (IllegalArgumentException e) {
            throw OperatorException.input(String.valueOf(e.getMessage()));
        }
    }

    private static OperatorException corrupt(String name, String fault) {
        return OperatorException.corrupt(
                "segment " + name + " is corrupt: " + fault + "; counterfoil log verify says more");
    }
}
