package io.counterfoil.schedules.cli;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The records of a landing as they stand there, split at commas: a field never holds one. */
record LandedLines(Path landing) {
    static final int KEY_ID = 2;
    static final int STATUS = 5;
    static final int BYTES_OUT = 7;

    List<String[]> all() throws IOException {
        List<String[]> lines = new ArrayList<>();
        FolderLanding folder = new FolderLanding(landing);
        for (StreamId stream : folder.streams()) {
            for (Seal seal : folder.sealsAfter(stream, 0, Integer.MAX_VALUE)) {
                byte[] csv = Zstd.decompress(folder.data(seal.id()).orElseThrow());
                new String(csv, StandardCharsets.UTF_8).lines().skip(1).forEach(line -> lines.add(line.split(",", -1)));
            }
        }
        return lines;
    }

    List<String> column(int column) throws IOException {
        return all().stream().map(line -> line[column]).toList();
    }

    /** Which ranges of which files its segments were made of, for a failure's message. */
    String ranges() throws IOException {
        StringBuilder text = new StringBuilder();
        FolderLanding folder = new FolderLanding(landing);
        for (StreamId stream : folder.streams()) {
            text.append('\n').append(stream.epoch());
            for (Seal seal : folder.sealsAfter(stream, 0, Integer.MAX_VALUE)) {
                seal.source()
                        .ifPresent(range -> text.append(' ')
                                .append(range.file())
                                .append('[')
                                .append(range.from())
                                .append(',')
                                .append(range.to())
                                .append(')'));
            }
        }
        return text.toString();
    }

    /** By their seals only. */
    long count() {
        try {
            FolderLanding folder = new FolderLanding(landing);
            long count = 0;
            for (StreamId stream : folder.streams()) {
                for (Seal seal : folder.sealsAfter(stream, 0, Integer.MAX_VALUE)) {
                    count += seal.records().count();
                }
            }
            return count;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
