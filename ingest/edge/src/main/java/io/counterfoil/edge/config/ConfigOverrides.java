package io.counterfoil.edge.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the command line says in place of the file.
 *
 * @param home folder of {@code edge} (data) and {@code landing} where neither the file nor another option names them
 */
public record ConfigOverrides(
        Optional<String> name,
        Optional<String> listen,
        Optional<Path> data,
        Optional<Path> landing,
        Optional<Path> home) {
    public static final ConfigOverrides NONE = new ConfigOverrides(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
