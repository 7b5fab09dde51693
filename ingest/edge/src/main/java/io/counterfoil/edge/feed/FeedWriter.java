package io.counterfoil.edge.feed;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.counterfoil.edge.snapshot.Snapshot;
import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.snapshot.SnapshotRows.FlagRow;
import io.counterfoil.sql.snapshot.SnapshotRows.Head;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import io.counterfoil.sql.snapshot.SnapshotRows.LimitRow;
import io.counterfoil.sql.snapshot.SnapshotRows.OverrideRow;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Writes a snapshot's rows as one JSON object as they come: {@code database}, {@code since}, {@code version}, then the arrays
 * {@code limits}, {@code overrides}, {@code keys}, {@code flags}. Closed, it is whole.
 */
final class FeedWriter implements SnapshotRows.Sink<IOException>, AutoCloseable {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String[] LISTS = {"limits", "overrides", "keys", "flags"};
    private static final int OVERRIDES = 1;
    private static final int KEYS = 2;
    private static final int FLAGS = 3;

    private final JsonGenerator out;
    private final long since;
    private final Snapshot taken;
    private Optional<Head> head = Optional.empty();
    private int list = -1;

    /**
     * Writes nothing yet.
     *
     * @param since what the reader has
     * @param taken what the edge itself has: rows of another version, or of another database, are not wanted
     */
    FeedWriter(OutputStream out, long since, Snapshot taken) throws IOException {
        this.out = JSON.createGenerator(out);
        this.since = since;
        this.taken = taken;
    }

    /** What came; empty before. */
    Optional<Head> head() {
        return head;
    }

    @Override
    public boolean head(Head next) throws IOException {
        head = Optional.of(next);
        if (next.version() != taken.version() || !next.database().equals(taken.database())) {
            return false;
        }
        out.writeStartObject();
        out.writeStringField("database", next.database());
        out.writeNumberField("since", since);
        out.writeNumberField("version", next.version());
        list(0);
        return true;
    }

    /** Ends the list before it, and begins those up to it. */
    private void list(int next) throws IOException {
        while (list < next) {
            if (list >= 0) {
                out.writeEndArray();
            }
            list++;
            out.writeArrayFieldStart(LISTS[list]);
        }
    }

    @Override
    public void limit(LimitRow row) throws IOException {
        out.writeStartObject();
        out.writeNumberField("limit_id", row.limitId());
        out.writeNumberField("plan_id", row.planId());
        out.writeStringField("scope", row.scope());
        out.writeStringField("window", row.window());
        out.writeStringField("measure", row.measure());
        out.writeNumberField("quota", row.quota());
        out.writeStringField("action", row.action());
        out.writeBooleanField("ended", row.ended());
        out.writeEndObject();
    }

    @Override
    public void override(OverrideRow row) throws IOException {
        list(OVERRIDES);
        out.writeStartObject();
        out.writeNumberField("override_id", row.overrideId());
        number("key_id", row.keyId());
        number("account_id", row.accountId());
        out.writeStringField("window", row.window());
        out.writeStringField("measure", row.measure());
        text("action", Optional.of(row.action()).filter(action -> !action.isEmpty()));
        out.writeNumberField("quota", row.quota());
        time("until", row.until());
        out.writeBooleanField("ended", row.ended());
        out.writeEndObject();
    }

    @Override
    public void key(KeyRow row) throws IOException {
        list(KEYS);
        out.writeStartObject();
        out.writeNumberField("key_id", row.keyId());
        out.writeNumberField("account_id", row.accountId());
        number("plan_id", row.planId());
        out.writeStringField("label", row.label());
        out.writeStringField("sha256", HexFormat.of().formatHex(row.sha256()));
        out.writeBooleanField("active", row.active());
        time("expires_at", row.expiresAt());
        out.writeArrayFieldStart("scopes");
        for (String scope : row.scopes().split(" ", -1)) {
            if (!scope.isEmpty()) {
                out.writeString(scope);
            }
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    @Override
    public void flag(FlagRow row) throws IOException {
        list(FLAGS);
        out.writeStartObject();
        out.writeNumberField("limit_id", row.limitId());
        out.writeNumberField("subject_id", row.subjectId());
        out.writeNumberField("quota", row.quota());
        out.writeNumberField("used", row.used());
        out.writeBooleanField("over", row.over());
        out.writeStringField("window_start", row.windowStart().toString());
        out.writeStringField("as_of", row.asOf().toString());
        out.writeStringField("resets_at", row.resetsAt().toString());
        out.writeBooleanField("lifted", row.lifted());
        out.writeEndObject();
    }

    /** Null for 0, which is nobody's number. */
    private void number(String name, long number) throws IOException {
        if (number == 0) {
            out.writeNullField(name);
        } else {
            out.writeNumberField(name, number);
        }
    }

    private void text(String name, Optional<String> text) throws IOException {
        if (text.isEmpty()) {
            out.writeNullField(name);
        } else {
            out.writeStringField(name, text.get());
        }
    }

    private void time(String name, Optional<Instant> time) throws IOException {
        text(name, time.map(Instant::toString));
    }

    @Override
    public void close() throws IOException {
        if (list >= 0) {
            list(FLAGS);
            out.writeEndArray();
            out.writeEndObject();
        }
        out.close();
    }
}
