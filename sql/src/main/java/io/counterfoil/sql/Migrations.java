package io.counterfoil.sql;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;

import javax.sql.DataSource;
import java.sql.Connection;
import java.sql.SQLException;

/** Brings a database's tables to this version's shape. */
public final class Migrations {
    /** The oldest server the SQL is written for. */
    private static final int MIN_SERVER = 14;

    private Migrations() {}

    /**
     * Migrates; does nothing where the tables are as this version wants them. Several processes may do so at once.
     *
     * @throws OperatorException category DOWN where the database cannot be reached, INPUT where it is too old, or newer than this
     *     program
     */
    public static void migrate(DataSource source) {
        checkServer(source);
        try {
            Flyway flyway = Flyway.configure(Migrations.class.getClassLoader())
                    .dataSource(source)
                    .locations("classpath:io/counterfoil/sql/migration")
                    .table("counterfoil_migration")
                    .load();
            MigrationInfoService info = flyway.info();
            for (MigrationInfo migration : info.all()) {
                if (migration.getState().isApplied() && !migration.getState().isResolved()) {
                    throw OperatorException.input(
                            "database has migration " + migration.getVersion() + " (" + migration.getDescription()
                                    + "), this program does not know it; use the newer Counterfoil");
                }
            }
            if (info.pending().length > 0) {
                flyway.migrate();
            }
        } catch (FlywayException e) {
            throw OperatorException.down("cannot migrate the database: " + firstLine(e), e);
        }
    }

    private static void checkServer(DataSource source) {
        try (Connection connection = source.getConnection()) {
            int major = connection.getMetaData().getDatabaseMajorVersion();
            if (major < MIN_SERVER) {
                throw OperatorException.input("database server is PostgreSQL " + major + ", expected " + MIN_SERVER
                        + " or newer; set --database to a newer one, or leave it out for the embedded one");
            }
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    /** What an operator is told where a connection fails. */
    public static OperatorException unreachable(SQLException e) {
        return OperatorException.down(
                "database cannot be reached: " + firstLine(e).replaceAll("\\.$", "")
                        + "; check --database or COUNTERFOIL_DATABASE_URL and that the server runs",
                e);
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage())
                .lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse("no reason given");
    }
}
