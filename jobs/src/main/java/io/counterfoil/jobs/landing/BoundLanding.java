package io.counterfoil.jobs.landing;

import io.counterfoil.sql.DatabaseIdentity;
import io.counterfoil.sql.OperatorException;
import org.jdbi.v3.core.Jdbi;

import java.io.IOException;

/** A landing belongs to the one database whose key numbers its records carry. */
public final class BoundLanding {
    private BoundLanding() {}

    /** How a kind of landing is bound. */
    @FunctionalInterface
    public interface Binding {
        /** As {@link io.counterfoil.accesslog.landing.Landing#bind}. */
        String bind(String database) throws IOException;
    }

    /**
     * Binds a landing or an archive to the database where it is bound to none.
     *
     * @param what landing or archive
     * @param address of it, for people
     * @throws OperatorException category INPUT where it is bound to another one, DOWN where it cannot be read or written
     */
    public static void check(String what, String address, Binding binding, Jdbi jdbi) {
        String database = DatabaseIdentity.read(jdbi);
        String bound;
        try {
            bound = binding.bind(database);
        } catch (IOException e) {
            throw OperatorException.down(what + " " + address + " cannot be read or written: " + e.getMessage(), e);
        }
        if (!bound.equals(database)) {
            throw OperatorException.input(
                    what + " " + address + " belongs to database " + bound + ", this one is " + database
                            + ": the numbers of its keys are another database's. Pass the --database it was filled for, or"
                            + " another " + what);
        }
    }
}
