package io.counterfoil.jobs.push;

import io.counterfoil.sql.OperatorException;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where flags go, and how. Made by one of the methods that say where. */
public final class PushSettings {
    /** Of the document, or of what stands before {@code .0}, {@code .1} … where there are several. */
    public static final String DOCUMENT = "counterfoil-flags";

    private static final Duration LOCK_WAIT = Duration.ofSeconds(60);
    private static final Duration RELOAD = Duration.ofSeconds(30);
    private static final Pattern PREFIX = Pattern.compile("[!-~]{1,256}");

    final FlagTarget target;
    final FlagFormat format;
    /** Of documents a key. */
    final Optional<String> keyPrefix;
    /** How long another may push to the same target. */
    final Duration lockWait;

    private PushSettings(FlagTarget target, FlagFormat format, Optional<String> keyPrefix) {
        this(target, format, keyPrefix, LOCK_WAIT);
    }

    private PushSettings(FlagTarget target, FlagFormat format, Optional<String> keyPrefix, Duration lockWait) {
        this.lockWait = lockWait;
        this.target = target;
        this.format = format;
        this.keyPrefix = keyPrefix;
    }

    /**
     * Into a namespace of Workers KV.
     *
     * @param keyPrefix of documents a key; empty: none
     */
    public static PushSettings kv(KvSettings kv, int shards, Optional<String> keyPrefix, InstantSource clock) {
        return kv(kv, shards, keyPrefix, KvClient.Patience.USUAL, clock);
    }

    static PushSettings kv(
            KvSettings kv, int shards, Optional<String> keyPrefix, KvClient.Patience patience, InstantSource clock) {
        if (keyPrefix
                .filter(prefix -> !PREFIX.matcher(prefix).matches() || DOCUMENT.startsWith(prefix))
                .isPresent()) {
            throw OperatorException.input("prefix of documents by key is '" + keyPrefix.get()
                    + "', expected 1 to 256 printable characters without blanks, as in flag:, and other than the documents' own; pass"
                    + " --per-key PREFIX");
        }
        requireShards(shards);
        return json(new KvTarget(kv, new KvClient(kv, patience, clock)), DOCUMENT, shards, keyPrefix);
    }

    /** Into a file; of several, into {@code FILE.0}, {@code FILE.1} … */
    public static PushSettings file(Path file, int shards) {
        requireShards(shards);
        return json(new FileTarget(file), file.toString(), shards, Optional.empty());
    }

    /** Into objects below {@code s3://bucket/prefix}, reached by what the environment says. */
    public static PushSettings s3(String address, int shards, Map<String, String> environment) {
        requireShards(shards);
        return json(new S3Target(address, environment), DOCUMENT, shards, Optional.empty());
    }

    /**
     * Into a file that nginx includes as a map.
     *
     * @param byHash by the SHA-256 of keys' texts, else by their labels
     * @param reload by which nginx reads it again; empty: somebody else sees to that
     */
    public static PushSettings nginx(Path file, boolean byHash, Optional<String> reload) {
        return new PushSettings(
                new NginxTarget(file, reload.map(command -> new ReloadCommand(command, RELOAD))),
                new NginxMap(file.toString(), byHash),
                Optional.empty());
    }

    PushSettings withLockWait(Duration wait) {
        return new PushSettings(target, format, keyPrefix, wait);
    }

    private static PushSettings json(FlagTarget target, String name, int shards, Optional<String> keyPrefix) {
        return new PushSettings(target, new JsonFlags(name, shards, target.maxBytes()), keyPrefix);
    }

    private static void requireShards(int shards) {
        if (Integer.bitCount(shards) != 1 || shards < 1 || shards > JsonFlags.MAX_SHARDS) {
            throw OperatorException.input(
                    "shards are " + shards + ", expected 1, 2, 4, 8 … " + JsonFlags.MAX_SHARDS + "; pass --shards N");
        }
    }
}
