package io.counterfoil.edge.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The fields of the access log: {@code data}, {@code landing}, {@code seal_after} and the mapping {@code log}. */
final class LogSection {
    private static final String S3 = "s3://";

    private final YamlFields fields;
    private final Path folder;

    LogSection(YamlFields fields, Path folder) {
        this.fields = fields;
        this.folder = folder;
    }

    /** @param home holds {@code edge} and {@code landing} where nothing names them */
    Optional<LogConfig> read(Optional<Path> home) {
        Optional<Path> data = fields.value("data", home.isEmpty(), "a folder", text -> ConfigFile.path(folder, text))
                .or(() -> home.map(path -> path.resolve("edge").toAbsolutePath().normalize()));
        Optional<String> landing = fields.value(
                        "landing", home.isEmpty(), "a folder or s3://BUCKET/PREFIX", this::landing)
                .or(() -> home.map(path ->
                        path.resolve("landing").toAbsolutePath().normalize().toString()));
        Duration sealAfter = ConfigFile.duration(fields, "seal_after", 10, 60_000, 1_000);
        YamlFields log = fields.section("log", ConfigFile.ordered("force_every", "when_full", "max_waiting"));
        Duration forceEvery = ConfigFile.duration(log, "force_every", 10, 60_000, 1_000);
        LogConfig.WhenFull whenFull = log.value("when_full", false, "serve-unlogged or refuse", LogSection::whenFull)
                .orElse(LogConfig.WhenFull.SERVE_UNLOGGED);
        long maxWaiting = ConfigFile.size(log, "max_waiting", 16 << 20, 1L << 44, 4L << 30);
        return data.isEmpty() || landing.isEmpty()
                ? Optional.empty()
                : Optional.of(new LogConfig(data.get(), landing.get(), sealAfter, forceEvery, whenFull, maxWaiting));
    }

    private Optional<String> landing(String text) {
        return text.startsWith(S3)
                ? Optional.of(text).filter(t -> t.matches("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?"))
                : ConfigFile.path(folder, text).map(Path::toString);
    }

    private static Optional<LogConfig.WhenFull> whenFull(String text) {
        return switch (text) {
            case "serve-unlogged" -> Optional.of(LogConfig.WhenFull.SERVE_UNLOGGED);
            case "refuse" -> Optional.of(LogConfig.WhenFull.REFUSE);
            default -> Optional.empty();
        };
    }
}
