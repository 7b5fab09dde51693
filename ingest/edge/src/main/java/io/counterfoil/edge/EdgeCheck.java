package io.counterfoil.edge;

import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.RouteConfig;
import io.counterfoil.edge.dataset.DocumentFiles;
import io.counterfoil.edge.http.TlsOptions;
import io.counterfoil.sql.OperatorException;

import java.util.ArrayList;
import java.util.List;

/** Looks at everything that settings name and that needs no other process: datasets and the certificate. */
final class EdgeCheck {
    private EdgeCheck() {}

    /** @throws OperatorException category INPUT with every fault found */
    static void check(EdgeConfig config) {
        List<String> faults = new ArrayList<>();
        config.listen().tls().ifPresent(files -> run(faults, () -> TlsOptions.read(files)));
        for (RouteConfig route : config.routing().routes()) {
            if (route.target() instanceof RouteConfig.Documents documents) {
                run(faults, () -> DocumentFiles.load(documents.path(), documents.key()));
            }
        }
        if (!faults.isEmpty()) {
            throw OperatorException.input(String.join("\n", faults));
        }
    }

    private static void run(List<String> faults, Runnable look) {
        try {
            look.run();
        } catch (OperatorException e) {
            faults.add(e.getMessage());
        }
    }
}
