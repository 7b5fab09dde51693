package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.Roles;
import picocli.CommandLine.Command;

import java.util.ArrayList;
import java.util.List;

@Command(name = "database", description = "The database's roles.", mixinStandardHelpOptions = true)
final class DatabaseCommand {
    private final Counterfoil root;

    DatabaseCommand(Counterfoil root) {
        this.root = root;
    }

    @Command(
            name = "grant",
            description = {
                "Give the group roles counterfoil_jobs, counterfoil_edge and counterfoil_report their rights in this database.",
                "For the tables' owner. Roles that are missing are made where that user may; else an administrator makes them first."
            },
            mixinStandardHelpOptions = true)
    int grant() throws Exception {
        return root.withDatabase(jdbi -> {
            List<String> granted = Roles.grant(jdbi);
            granted.forEach(role -> root.out().println(role + " has its rights"));
            List<String> missing = new ArrayList<>(Roles.NAMES);
            missing.removeAll(granted);
            if (!missing.isEmpty()) {
                throw OperatorException.input("roles are not there and this user may not create them: "
                        + String.join(", ", missing)
                        + "; let an administrator run: create role NAME nologin, then run this again");
            }
            return 0;
        });
    }
}
