package io.counterfoil.jobs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.push.KvSettings;
import io.counterfoil.jobs.push.PushFlagsJob;
import io.counterfoil.jobs.push.PushResult;
import io.counterfoil.jobs.push.PushSettings;
import io.counterfoil.jobs.push.PushWatch;
import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "push-flags",
        description = {
            "Push who is over a limit to edges that are not ours, where it changed.",
            "--to kv needs no TARGET; --to file FILE; --to s3 s3://bucket/prefix; --to nginx-map FILE."
        },
        footer = {
            "",
            "Environment: COUNTERFOIL_KV_TOKEN (an API token with 'Workers KV Storage: Edit'), COUNTERFOIL_KV_ACCOUNT,",
            "COUNTERFOIL_KV_NAMESPACE, COUNTERFOIL_KV_API; for S3 what a landing on S3 takes"
        },
        mixinStandardHelpOptions = true)
final class PushFlagsCommand implements Callable<Integer> {
    private static final int MAX_PAUSE_SECONDS = 3600;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JobSite.Opener opener;
    private final PrintStream out;
    private final PrintStream err;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "KIND",
            description = "kv (Workers KV), file, s3, or nginx-map.")
    private String to;

    @Parameters(arity = "0..1", paramLabel = "TARGET", description = "The file, or s3://bucket/prefix.")
    private String place;

    @Option(
            names = "--shards",
            defaultValue = "1",
            paramLabel = "N",
            description = "Documents, by the top bits of the hash: 1, 2, 4 … 256. Default: 1.")
    private int shards;

    @Option(names = "--kv-account", paramLabel = "ID", description = "The account's ID. Also COUNTERFOIL_KV_ACCOUNT.")
    private String account;

    @Option(
            names = "--kv-namespace",
            paramLabel = "ID",
            description = "The namespace's ID. Also COUNTERFOIL_KV_NAMESPACE.")
    private String namespace;

    @Option(
            names = "--kv-api",
            paramLabel = "URL",
            description = "Where the API is. Also COUNTERFOIL_KV_API. Default: https://api.cloudflare.com.")
    private String api;

    @Option(
            names = "--per-key",
            paramLabel = "PREFIX",
            description = "With kv: also a document a key, named PREFIX and its hash, that expires at the reset.")
    private String perKey;

    @Option(
            names = "--by",
            defaultValue = "label",
            paramLabel = "WHAT",
            description = "With nginx-map: label, or hash (the SHA-256 of the key's text). Default: label.")
    private String by;

    @Option(
            names = "--reload",
            paramLabel = "CMD",
            description = "With nginx-map: run by sh -c after each change, as in 'nginx -s reload'.")
    private String reload;

    @Option(names = "--watch", description = "Go on until killed: push on every change.")
    private boolean watch;

    @Option(
            names = "--pause",
            defaultValue = "1",
            paramLabel = "SECONDS",
            description = "With --watch: from the start of one push to that of the next, at least. Default: 1.")
    private int pauseSeconds;

    @Option(names = "--force", description = "Write whatever is there, also a later version.")
    private boolean force;

    @Option(names = "--json", description = "Print JSON: one object, or one a push with --watch.")
    private boolean json;

    PushFlagsCommand(JobSite.Opener opener, PrintStream out, PrintStream err) {
        this.opener = opener;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        requireFitting();
        try (JobSite site = opener.open();
                PushFlagsJob job = new PushFlagsJob(settings(site.clock()), site.databaseUrl(), site.clock(), force)) {
            if (watch) {
                new PushWatch(
                                job,
                                site.databaseUrl(),
                                site.clock(),
                                Duration.ofSeconds(pauseSeconds),
                                this::tell,
                                err::println)
                        .run(() -> true);
            } else {
                PushResult result = job.run();
                tell(result);
                if (result.fault().isPresent()) {
                    throw OperatorException.input(result.fault().get());
                }
            }
        }
        return 0;
    }

    /** An option that does nothing is one that was meant for something. */
    private void requireFitting() {
        boolean nginx = to.equals("nginx-map");
        requireFor(perKey == null || to.equals("kv"), "--per-key", "kv");
        requireFor(reload == null || nginx, "--reload", "nginx-map");
        requireFor(by.equals("label") || nginx, "--by", "nginx-map");
        requireFor(shards == 1 || !nginx, "--shards", "kv, file or s3");
        requireFor(place == null || !to.equals("kv"), "TARGET", "file, s3 or nginx-map");
        if (!by.equals("label") && !by.equals("hash")) {
            throw OperatorException.input("--by is '" + by + "', expected label or hash");
        }
        if (pauseSeconds < 1 || pauseSeconds > MAX_PAUSE_SECONDS) {
            throw OperatorException.input(
                    "--pause is " + pauseSeconds + ", expected 1 to " + MAX_PAUSE_SECONDS + " seconds");
        }
        if (watch && force) {
            throw OperatorException.input("--force and --watch are given, expected one: every push would be forced;"
                    + " run it with --force once, then with --watch");
        }
    }

    private void requireFor(boolean fitting, String option, String kinds) {
        if (!fitting) {
            throw OperatorException.input(option + " is given, and --to is '" + to + "': it goes with --to " + kinds);
        }
    }

    private PushSettings settings(InstantSource clock) {
        return switch (to) {
            case "kv" ->
                PushSettings.kv(
                        KvSettings.of(
                                System.getenv(),
                                Optional.ofNullable(account),
                                Optional.ofNullable(namespace),
                                Optional.ofNullable(api)),
                        shards,
                        Optional.ofNullable(perKey),
                        clock);
            case "file" -> PushSettings.file(file(), shards);
            case "s3" -> PushSettings.s3(place("s3://bucket/prefix"), shards, System.getenv());
            case "nginx-map" -> PushSettings.nginx(file(), by.equals("hash"), Optional.ofNullable(reload));
            default -> throw OperatorException.input("--to is '" + to + "', expected kv, file, s3 or nginx-map");
        };
    }

    private String place(String expected) {
        return Optional.ofNullable(place)
                .filter(given -> !given.isBlank())
                .orElseThrow(() ->
                        OperatorException.input("no target is named, expected " + expected + " behind --to " + to));
    }

    private Path file() {
        String given = place("a file");
        try {
            return Path.of(given);
        } catch (InvalidPathException e) {
            throw OperatorException.input("target is '" + given + "', which is no file's name");
        }
    }

    private void tell(PushResult result) {
        if (!json) {
            out.println(result);
            return;
        }
        ObjectNode object = JSON.createObjectNode()
                .put("version", result.version())
                .put("keys", result.keys())
                .put("written", result.written().size())
                .put("unchanged", result.unchanged())
                .put("bytes", result.bytes())
                .put("key_documents", result.keyDocuments())
                .put("key_documents_deleted", result.keyDocumentsDeleted());
        out.println(object);
    }
}
