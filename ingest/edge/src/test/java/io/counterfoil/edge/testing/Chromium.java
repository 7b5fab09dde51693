package io.counterfoil.edge.testing;

import javax.imageio.ImageIO;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Debian's Chromium without a screen; each call is a browser of its own. */
public final class Chromium {
    private static final long SECONDS = 60;

    private static final String NO_SCRIPTS = "{\"profile\":{\"default_content_setting_values\":{\"javascript\":2}}}";

    private final Path program;
    private final Path folder;
    private final boolean scripts;

    private Chromium(Path program, Path folder, boolean scripts) {
        this.program = program;
        this.folder = folder;
        this.scripts = scripts;
    }

    /** Empty where it is not installed. */
    public static Optional<Chromium> find(Path folder) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .flatMap(path -> Stream.of(Path.of(path, "chromium"), Path.of(path, "chromium-browser")))
                .filter(Files::isExecutable)
                .findFirst()
                .map(program -> new Chromium(program, folder, true));
    }

    /** The same with scripts switched off, as its users can in their settings. */
    public Chromium withoutScripts() {
        return new Chromium(program, folder, false);
    }

    /** The page's elements as they are once its scripts ran. */
    public String dom(String url, String... more) throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of(more));
        options.add("--dump-dom");
        return run(url, options);
    }

    /** What a person would see. */
    public BufferedImage picture(String url, String... more) throws IOException, InterruptedException {
        Path file = Files.createTempFile(folder, "page", ".png");
        List<String> options = new ArrayList<>(List.of(more));
        options.add("--screenshot=" + file);
        run(url, options);
        return ImageIO.read(file.toFile());
    }

    private String run(String url, List<String> options) throws IOException, InterruptedException {
        Path profile = Files.createTempDirectory(folder, "profile");
        if (!scripts) {
            Files.writeString(Files.createDirectory(profile.resolve("Default")).resolve("Preferences"), NO_SCRIPTS);
        }
        Path out = Files.createTempFile(folder, "chromium", ".out");
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-proxy-server",
                "--disable-background-networking",
                "--hide-scrollbars",
                "--window-size=1000,2600",
                "--virtual-time-budget=2000",
                "--user-data-dir=" + profile));
        command.addAll(options);
        command.add(url);
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("chromium did not end within " + SECONDS + " s");
        }
        return Files.readString(out, StandardCharsets.UTF_8);
    }
}
