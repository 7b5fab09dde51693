package io.counterfoil.jobs.imports;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** A server and a logrotate, one operation on a file at a time; each line's bytes are its number. */
final class BusyLog {
    /** The number of lines that are all the same. */
    static final String SAME = "0";

    private static final int SAME_LINES = 2;

    private final Path live;
    private final Random random;
    private final boolean sameFirstLines;
    private final List<String> written = new ArrayList<>();
    private final List<String> perhaps = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private final Deque<Operation> next = new ArrayDeque<>();
    /** Where the server writes: the file that it has open, under its name by now. */
    private Path open;

    private long inOpen;
    private int number;
    private int copied;

    private interface Operation {
        void run() throws IOException;
    }

    BusyLog(Path live, Random random, boolean sameFirstLines) throws IOException {
        this.live = live;
        this.open = live;
        this.random = random;
        this.sameFirstLines = sameFirstLines;
        Files.createFile(live);
    }

    /** The numbers of the lines that stand in one of the files, in each case. */
    List<String> written() {
        return Collections.unmodifiableList(written);
    }

    /** Those that a truncation took: whoever read them in time has them. */
    List<String> perhaps() {
        return Collections.unmodifiableList(perhaps);
    }

    /** What was done, for a failure's message. */
    List<String> done() {
        return Collections.unmodifiableList(done);
    }

    void note(String what) {
        done.add(what);
    }

    /** The next operation of what is going on, or of something else where that is finished. */
    void step() throws IOException {
        if (next.isEmpty()) {
            switch (random.nextInt(6)) {
                case 0 -> planRename();
                case 1, 2 -> planCopyAndTruncate();
                default -> planWriting(random.nextInt(4) == 0 ? random.nextInt(80) : 1 + random.nextInt(4));
            }
        }
        next.remove().run();
    }

    /** Ends what is going on, and begins a file with lines that are like no other's. */
    void finish() throws IOException {
        while (!next.isEmpty()) {
            next.remove().run();
        }
        planRename();
        while (!next.isEmpty()) {
            next.remove().run();
        }
        inOpen = SAME_LINES;
        write(3, written);
    }

    private void planWriting(int lines) {
        if (random.nextInt(8) == 0) {
            String line = line();
            int half = line.length() / 2;
            next.add(() -> append(line.substring(0, half)));
            next.add(() -> append(line.substring(half)));
        }
        next.add(() -> write(lines, written));
    }

    private String line() {
        boolean same = sameFirstLines && inOpen < SAME_LINES;
        String bytes = same ? SAME : Integer.toString(++number);
        written.add(bytes);
        inOpen++;
        return WrittenLog.line("bob", bytes);
    }

    private void write(int lines, List<String> books) throws IOException {
        int before = written.size();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            text.append(line());
        }
        List<String> fresh = written.subList(before, written.size());
        if (books == perhaps) {
            perhaps.addAll(fresh);
            fresh.clear();
        }
        append(text.toString());
        done.add("write " + lines + " to " + open.getFileName() + (books == perhaps ? " too late" : ""));
    }

    private void append(String text) throws IOException {
        Files.writeString(open, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void planRename() {
        planShift();
        next.add(() -> {
            Files.move(live, rotated(1));
            open = rotated(1);
            done.add("renamed");
        });
        if (random.nextBoolean()) {
            planWriting(random.nextInt(5));
        }
        next.add(() -> {
            Files.createFile(live);
            open = live;
            inOpen = 0;
            done.add("reopened");
        });
    }

    private void planCopyAndTruncate() {
        planShift();
        next.add(() -> {
            Files.createFile(rotated(1));
            copied = 0;
        });
        for (int i = random.nextInt(3); i > 0; i--) {
            next.add(() -> copy(random.nextInt(1 + (int) Files.size(live) - copied)));
            if (random.nextInt(3) == 0) {
                planWriting(random.nextInt(3));
            }
        }
        next.add(() -> copy((int) Files.size(live) - copied));
        if (random.nextInt(4) == 0) {
            next.add(() -> {
                if (inOpen >= SAME_LINES) {
                    write(1 + random.nextInt(2), perhaps);
                }
            });
        }
        next.add(() -> {
            Files.newByteChannel(live, StandardOpenOption.WRITE).truncate(0).close();
            inOpen = 0;
            done.add("truncated");
        });
        // At times so much at once that it is longer than before.
        if (random.nextInt(3) == 0) {
            planWriting(20 + random.nextInt(60));
        }
    }

    private void copy(int bytes) throws IOException {
        byte[] all = Files.readAllBytes(live);
        Files.write(rotated(1), Arrays.copyOfRange(all, copied, copied + bytes), StandardOpenOption.APPEND);
        copied += bytes;
        done.add("copied up to " + copied + " of " + all.length);
    }

    /** Makes place for the next one, and compresses the one before the last, at times. */
    private void planShift() {
        int last = 1;
        while (Files.exists(rotated(last)) || Files.exists(gzip(last))) {
            last++;
        }
        for (int i = last - 1; i > 0; i--) {
            int from = i;
            boolean plain = Files.exists(rotated(i));
            next.add(() -> Files.move(plain ? rotated(from) : gzip(from), plain ? rotated(from + 1) : gzip(from + 1)));
        }
        if (Files.exists(rotated(1)) && random.nextInt(3) > 0) {
            next.add(() -> {
                byte[] whole = compressed(rotated(2));
                Files.write(gzip(2), Arrays.copyOf(whole, whole.length / 2));
            });
            next.add(() -> Files.write(gzip(2), compressed(rotated(2))));
            next.add(() -> {
                Files.delete(rotated(2));
                done.add("compressed");
            });
        }
    }

    private Path rotated(int which) {
        return live.resolveSibling(live.getFileName() + "." + which);
    }

    private Path gzip(int which) {
        return live.resolveSibling(live.getFileName() + "." + which + ".gz");
    }

    private static byte[] compressed(Path file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(Files.readAllBytes(file));
        }
        return bytes.toByteArray();
    }
}
