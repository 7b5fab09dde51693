package io.counterfoil.jobs.imports;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.jobs.landing.BoundLanding;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.hours.EdgeRosterStore;
import org.jdbi.v3.core.Jdbi;

import javax.sql.DataSource;
import java.nio.file.Path;
import java.time.InstantSource;

/** Where an import goes to: a landing, and the database whose key numbers its records carry. */
record ImportTarget(FolderLanding landing, Jdbi jdbi) {
    /** @throws OperatorException category INPUT where the landing is another database's, or the source is an edge */
    static ImportTarget check(Path landingFolder, DataSource database, ImportSettings settings) {
        Jdbi jdbi = DatabaseAccess.jdbi(database);
        FolderLanding landing = new FolderLanding(landingFolder);
        BoundLanding.check("landing", landingFolder.toString(), landing::bind, jdbi);
        if (new EdgeRosterStore(jdbi).contains(settings.source())) {
            throw OperatorException.input(
                    "--source is '" + settings.source() + "', which is an edge's name; choose another");
        }
        return new ImportTarget(landing, jdbi);
    }

    KeyResolver keys(ImportSettings settings, InstantSource clock) {
        return new KeyResolver(
                new KeyStore(jdbi),
                new AccountStore(jdbi),
                settings.keyField(),
                settings.source(),
                settings.createKeys(),
                clock);
    }
}
