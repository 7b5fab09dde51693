package io.counterfoil.edge.config;

import java.nio.file.Path;
import java.util.Optional;

/** What the command line says in place of the file. */
public record ConfigOverrides(
        Optional<String> name, Optional<String> listen, Optional<Path> data, Optional<Path> landing) {
    public static final ConfigOverrides NONE =
            new ConfigOverrides(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
