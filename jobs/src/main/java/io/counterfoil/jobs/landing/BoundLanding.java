package io.counterfoil.jobs.landing;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.sql.DatabaseIdentity;
import io.counterfoil.sql.OperatorException;
import org.jdbi.v3.core.Jdbi;

import java.io.IOException;
import java.nio.file.Path;

/** Opens a landing together with the one database that its records' key numbers belong to. */
public final class BoundLanding {
    private BoundLanding() {}

    /**
     * Binds the landing to the database where it is bound to none.
     *
     * @throws OperatorException category INPUT where it is bound to another one, DOWN where it cannot be read or written
     */
    public static Landing open(Path folder, Jdbi jdbi) {
        Landing landing = new FolderLanding(folder);
        String database = DatabaseIdentity.read(jdbi);
        String bound;
        try {
            bound = landing.bind(database);
        } catch (IOException e) {
            throw OperatorException.down("landing " + folder + " cannot be read or written: " + e.getMessage(), e);
        }
        if (!bound.equals(database)) {
            throw OperatorException.input(
                    "landing " + folder + " belongs to database " + bound + ", this one is " + database
                            + ": the numbers of its keys are another database's. Pass the --database it was filled for, or another"
                            + " --home");
        }
        return landing;
    }
}
