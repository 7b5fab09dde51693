package io.counterfoil.sql;

import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Jdbi;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The server's group roles for those who are not the tables' owner: an edge, the jobs, reports. Logins are members of one of them.
 * {@code roles.sql} says which rights each has.
 */
public final class Roles {
    public static final List<String> NAMES = List.of("counterfoil_jobs", "counterfoil_edge", "counterfoil_report");

    private static final String GRANT = SqlFile.read("roles.sql");

    private Roles() {}

    /**
     * Makes the roles that are missing, where this user may, and gives those that are there the rights they need in this database, no
     * more. In one transaction: nobody is without rights meanwhile. For the tables' owner.
     *
     * @return the roles that have their rights now; the others are not there, and this user may not create them
     */
    public static List<String> grant(Jdbi jdbi) {
        return jdbi.inTransaction(handle -> {
            // Not a statement of Jdbi's: that would look for parameters in it.
            try (Statement statement = handle.getConnection().createStatement()) {
                statement.execute(GRANT);
            } catch (SQLException e) {
                throw new ConnectionException(e);
            }
            return handle.createQuery("select rolname from pg_roles where rolname in (<names>) order by rolname")
                    .bindList("names", NAMES)
                    .mapTo(String.class)
                    .list();
        });
    }
}
