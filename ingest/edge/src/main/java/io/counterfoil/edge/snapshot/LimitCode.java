package io.counterfoil.edge.snapshot;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Limits, overrides and flags as bytes of a {@link SnapshotRecord}, where the form stands. */
final class LimitCode {
    private LimitCode() {}

    private interface Writer<T> {
        void write(T value, DataOutputStream out) throws IOException;
    }

    private interface Reader<T> {
        T read(DataInputStream in) throws IOException;
    }

    static byte[] bytes(LimitChanges changes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        write(changes.limits(), LimitCode::limit, out);
        write(changes.overrides(), LimitCode::override, out);
        write(changes.flags(), LimitCode::flag, out);
        return bytes.toByteArray();
    }

    static LimitChanges changes(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        return new LimitChanges(read(in, LimitCode::limit), read(in, LimitCode::override), read(in, LimitCode::flag));
    }

    private static <T> void write(List<LimitChanges.Change<T>> changes, Writer<T> writer, DataOutputStream out)
            throws IOException {
        out.writeInt(changes.size());
        for (LimitChanges.Change<T> change : changes) {
            out.writeBoolean(change.ended());
            writer.write(change.value(), out);
        }
    }

    private static <T> List<LimitChanges.Change<T>> read(DataInputStream in, Reader<T> reader) throws IOException {
        int count = in.readInt();
        List<LimitChanges.Change<T>> changes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean ended = in.readBoolean();
            changes.add(new LimitChanges.Change<>(reader.read(in), ended));
        }
        return changes;
    }

    private static void limit(Limit limit, DataOutputStream out) throws IOException {
        out.writeLong(limit.limitId());
        out.writeLong(limit.planId());
        out.writeBoolean(limit.ofAccount());
        out.writeUTF(limit.window());
        out.writeUTF(limit.measure());
        out.writeLong(limit.quota());
        out.writeUTF(limit.action().name());
    }

    private static Limit limit(DataInputStream in) throws IOException {
        return new Limit(
                in.readLong(),
                in.readLong(),
                in.readBoolean(),
                in.readUTF(),
                in.readUTF(),
                in.readLong(),
                FlagAction.valueOf(in.readUTF()));
    }

    private static void override(QuotaOverride override, DataOutputStream out) throws IOException {
        out.writeLong(override.overrideId());
        out.writeLong(override.keyId());
        out.writeLong(override.accountId());
        out.writeUTF(override.window());
        out.writeUTF(override.measure());
        out.writeUTF(override.action().map(FlagAction::name).orElse(""));
        out.writeLong(override.quota());
        time(override.until(), out);
    }

    private static QuotaOverride override(DataInputStream in) throws IOException {
        return new QuotaOverride(
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readUTF(),
                in.readUTF(),
                Optional.of(in.readUTF()).filter(name -> !name.isEmpty()).map(FlagAction::valueOf),
                in.readLong(),
                time(in));
    }

    private static void flag(Flag flag, DataOutputStream out) throws IOException {
        out.writeLong(flag.limitId());
        out.writeLong(flag.subjectId());
        out.writeLong(flag.quota());
        out.writeLong(flag.used());
        out.writeBoolean(flag.over());
        time(flag.windowStart(), out);
        time(flag.asOf(), out);
        time(flag.resetsAt(), out);
    }

    private static Flag flag(DataInputStream in) throws IOException {
        return new Flag(
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readBoolean(),
                time(in),
                time(in),
                time(in));
    }

    private static void time(Instant time, DataOutputStream out) throws IOException {
        out.writeLong(time.getEpochSecond());
        out.writeInt(time.getNano());
    }

    private static Instant time(DataInputStream in) throws IOException {
        return Instant.ofEpochSecond(in.readLong(), in.readInt());
    }
}
