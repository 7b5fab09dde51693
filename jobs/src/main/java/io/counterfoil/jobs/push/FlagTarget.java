package io.counterfoil.jobs.push;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where flags are pushed. Used by one thread, under the lock of its {@link #id}. */
interface FlagTarget extends AutoCloseable {
    /** Names it wherever it is reached from; holds no secret. */
    String id();

    /**
     * Of files: what whoever writes them holds; it is beside them, so who pushes the same path elsewhere is none of theirs. Of what is
     * reached from anywhere, none: the database has its lock.
     */
    Optional<Path> lockFile();

    /** Whether asking what is there costs nothing: then it is asked each time, else what was pushed is remembered. */
    default boolean local() {
        return lockFile().isPresent();
    }

    /** How large a document may be, in bytes. */
    long maxBytes();

    /**
     * What is there under that name.
     *
     * @throws io.counterfoil.sql.OperatorException category DOWN where it cannot be asked
     */
    Optional<byte[]> read(String name);

    /**
     * Puts each document in place of the one before; each is there whole or not at all.
     *
     * @throws io.counterfoil.sql.OperatorException category DOWN where that fails; how many were put is not known then
     */
    void write(Map<String, byte[]> documents);

    @Override
    void close();
}
