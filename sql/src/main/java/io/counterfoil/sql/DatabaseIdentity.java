package io.counterfoil.sql;

import org.jdbi.v3.core.Jdbi;

/** Which database this is, whatever its address. */
public final class DatabaseIdentity {
    private DatabaseIdentity() {}

    /** A UUID in text, made with the database. */
    public static String read(Jdbi jdbi) {
        return jdbi.withHandle(handle -> handle.createQuery("select id::text from database_identity")
                .mapTo(String.class)
                .one());
    }
}
