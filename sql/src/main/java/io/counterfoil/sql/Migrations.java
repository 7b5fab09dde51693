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
     * Migrates, and gives the {@link Roles} their rights anew; does nothing where the tables are as this version wants them. Several
     * processes may do so at once.
     *
     * @throws OperatorException category DOWN where the database cannot be reached, INPUT where it is too old, or newer than this
     *     program, CORRUPT where its tables are not what an older program left
     */
    public static void migrate(DataSource source) {
        checkServer(source);
        try {
            Flyway flyway = flyway(source);
            MigrationInfoService info = flyway.info();
            for (MigrationInfo migration : info.all()) {
                check(migration);
            }
            if (info.pending().length > 0) {
                flyway.migrate();
                Roles.grant(DatabaseAccess.jdbi(source));
            }
        } catch (FlywayException e) {
            if (DatabaseFault.of(e) == DatabaseFault.GONE) {
                throw OperatorException.down(
                        "database was lost while its tables were migrated: " + firstLine(e)
                                + "; check that the server runs, then run the command again",
                        e);
            }
            throw OperatorException.corrupt("database's tables cannot be migrated, nothing was changed: " + firstLine(e)
                    + "; expected tables as Counterfoil left them, or none, and a user who may create some; restore a backup,"
                    + " or set another database by " + DatabaseAccess.SETTING);
        }
    }

    /**
     * For who may use the tables and not change them.
     *
     * @throws OperatorException category DOWN where the database cannot be reached, INPUT where its tables are older or newer than
     *     this program
     */
    public static void requireCurrent(DataSource source) {
        checkServer(source);
        MigrationInfoService info = flyway(source).info();
        for (MigrationInfo migration : info.all()) {
            check(migration);
        }
        if (info.pending().length > 0) {
            throw OperatorException.input("database lacks migration "
                    + info.pending()[0].getVersion() + " (" + info.pending()[0].getDescription()
                    + "); run any command of ./counterfoil with --database as the tables' owner, it migrates");
        }
    }

    private static Flyway flyway(DataSource source) {
        return Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(source)
                .locations("classpath:io/counterfoil/sql/migration")
                .table("counterfoil_migration")
                .load();
    }

    private static void check(MigrationInfo migration) {
        String name = "database has migration " + migration.getVersion() + " (" + migration.getDescription() + ")";
        if (migration.getState().isApplied() && !migration.getState().isResolved()) {
            throw OperatorException.input(name + ", this program does not know it; use the newer Counterfoil");
        }
        if (!migration.isChecksumMatching()) {
            throw OperatorException.corrupt(
                    name + " with another checksum than this program's: its tables were made by a"
                            + " changed program; use that one, or restore a backup");
        }
    }

    private static void checkServer(DataSource source) {
        try (Connection connection = source.getConnection()) {
            int major = connection.getMetaData().getDatabaseMajorVersion();
            if (major < MIN_SERVER) {
                throw OperatorException.input("database server is PostgreSQL " + major + ", expected " + MIN_SERVER
                        + " or newer; set a newer one by " + DatabaseAccess.SETTING);
            }
        } catch (SQLException e) {
            throw DatabaseAccess.unreachable(e);
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage())
                .lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse("no reason given");
    }
}
