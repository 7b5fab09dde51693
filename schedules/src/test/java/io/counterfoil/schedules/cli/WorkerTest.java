package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/** The Worker in real workerd: its own tests, and the whole way from it to the flags that it reads. Skipped where npm has not installed it. */
final class WorkerTest {
    private static final Path WORKER =
            Path.of("../ingest/worker").toAbsolutePath().normalize();
    private static final Pattern EDGE = Pattern.compile("answers on (http://\\S+?),");
    private static final String TOKEN = "a-token-of-the-shop-0123456789";
    private static final int KEYS = 50;
    private static final int REQUESTS = 10_000;
    private static final int CLIENTS = 24;
    private static final int QUOTA = 250;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    /** "key status" → how many answers. */
    private final Map<String, AtomicLong> answers = new ConcurrentHashMap<>();

    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void requireWorker() {
        Assumptions.assumeTrue(
                Files.isDirectory(WORKER.resolve("node_modules/miniflare")),
                "miniflare is not installed: (cd ingest/worker && npm ci)");
    }

    @AfterEach
    void stop() {
        started.forEach(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
    }

    @Test
    void itsOwnTestsPass() throws Exception {
        Path out = folder.resolve("node.out");
        Process node = new ProcessBuilder("node", "test/run.mjs")
                .directory(WORKER.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        started.add(node);
        assertThat(node.waitFor(5, TimeUnit.MINUTES)).as(text(out)).isTrue();
        assertThat(node.exitValue()).as(text(out)).isZero();
        assertThat(text(out)).containsPattern("# pass [1-9]").contains("# fail 0");
    }

    /** One that nobody listens on now. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void tenThousandRequestsOverFiftyKeysAreCountedAcrossAKillAndComeBackAsFlags() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int collector = freePort();
        Cli cli = new Cli(folder.resolve("home"));
        Path config = configure(cli, collector);
        Process up = up(cli, config, "first.out");
        importKeys();
        try (WorkerProcess worker = WorkerProcess.start(WORKER, folder, "http://127.0.0.1:" + collector, TOKEN);
                KvApi kv = new KvApi(worker)) {
            worker.put("data/v1%2Fitems%2F1", "{\"id\":1}");
            List<Integer> keys = random.ints(REQUESTS, 0, KEYS * KEYS)
                    .mapToObj(number -> (int) Math.sqrt(number))
                    .toList();

            Future<?> first = send(worker, keys.subList(0, REQUESTS / 2));
            Cli.until("half of it is under way", () -> total() > REQUESTS / 4);
            killEdge(up);
            first.get(2, TimeUnit.MINUTES);
            up = up(cli, config, "second.out");
            send(worker, keys.subList(REQUESTS / 2, REQUESTS)).get(2, TimeUnit.MINUTES);
            InProcess beside = new InProcess(List.of("--home=" + folder.resolve("home")));
            // What the isolate keeps goes out with what comes after it.
            Cli.until("what it keeps is out, seed " + seed, () -> {
                ask(worker, 0);
                return counted(beside).values().stream()
                                .mapToLong(Long::longValue)
                                .sum()
                        >= REQUESTS;
            });
            Cli.until("all is counted, seed " + seed, () -> counted(beside).equals(answered()));
            assertThat(total()).isGreaterThan(REQUESTS);
            assertThat(done(beside, "report", "sources", "--format", "csv"))
                    .contains("shop,gap-detectable")
                    .containsPattern("shop,.*,1,0,0,-?0\\.\\d");

            pushed(cli, kv);
            int over = KEYS - 1;
            assertThat(answers.get(over + " 200").get()).as("used").isGreaterThan(QUOTA);
            assertThat(answers.get("1 200").get()).as("used").isLessThan(QUOTA);
            Cli.until("the Worker refuses", () -> ask(worker, over).statusCode() == 429);
            assertThat(ask(worker, 1).statusCode()).isEqualTo(200);
            equalRefusals(worker, over);
            Cli.until(
                    "refusals are counted too, seed " + seed,
                    () -> counted(beside).equals(answered()));
            assertThat(worker.output()).doesNotContain(key(over));
        }
        controlTotals(new InProcess(List.of("--home=" + folder.resolve("home"))));
        new ProcessBuilder("kill", "-INT", Long.toString(up.pid())).start().waitFor();
        assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(text(folder.resolve("second.out"))).doesNotContain("ALARM", key(1));
    }

    private Path configure(Cli cli, int collector) throws Exception {
        cli.run("init", folder.resolve("edge").toString());
        Path config = folder.resolve("edge/edge.yaml");
        String settings = Files.readString(config).replaceAll("(?m)^listen:.*$", "listen: 127.0.0.1:0");
        Files.writeString(config, settings + "\ncollector: 127.0.0.1:" + collector + "\n");
        return config;
    }

    private Process up(Cli cli, Path config, String output) throws Exception {
        Path out = folder.resolve(output);
        ProcessBuilder builder = cli.process("up", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("COUNTERFOIL_COLLECTOR_TOKENS", "shop=" + TOKEN);
        Process up = builder.start();
        started.add(up);
        Cli.until("up counts", () -> text(out).contains("usage is counted") || !up.isAlive());
        assertThat(text(out)).contains(", records on http://127.0.0.1:");
        return up;
    }

    /** The keys that the Worker's owner has given out long ago. */
    private void importKeys() throws IOException {
        InProcess beside = new InProcess(List.of("--home=" + folder.resolve("home")));
        done(beside, "account", "create", "Acme");
        done(beside, "plan", "create", "small", "--limit", QUOTA + "/day", "--over", "refuse");
        StringBuilder csv = new StringBuilder("account,label,plan,key\n");
        for (int i = 0; i < KEYS; i++) {
            csv.append("Acme,k").append(i).append(",small,").append(key(i)).append('\n');
        }
        Path file = Files.writeString(folder.resolve("keys.csv"), csv);
        done(beside, "key", "import", file.toString());
    }

    private static String key(int number) {
        return "customer-" + number + "-has-had-this-for-years";
    }

    /** SIGKILL, as a machine's memory runs out: nothing is told, nothing is sealed. */
    private static void killEdge(Process up) throws InterruptedException {
        ProcessHandle edge = up.descendants()
                .filter(process -> process.info().commandLine().orElse("").contains("EdgeMain"))
                .findFirst()
                .orElseThrow();
        edge.destroyForcibly();
        assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private Future<?> send(WorkerProcess worker, List<Integer> keys) {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        List<Future<?>> asked = new ArrayList<>();
        for (int number : keys) {
            asked.add(clients.submit(() -> ask(worker, number)));
        }
        ExecutorService waiting = Executors.newSingleThreadExecutor();
        Future<?> all = waiting.submit(() -> {
            for (Future<?> each : asked) {
                each.get();
            }
            return null;
        });
        clients.shutdown();
        waiting.shutdown();
        return all;
    }

    private HttpResponse<String> ask(WorkerProcess worker, int number) {
        HttpResponse<String> answer = ask(worker.address() + "/v1/items/1", number);
        answers.computeIfAbsent(number + " " + answer.statusCode(), name -> new AtomicLong())
                .incrementAndGet();
        return answer;
    }

    private HttpResponse<String> ask(String url, int number) {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .timeout(Duration.ofSeconds(30))
                            .header("Authorization", "Bearer " + key(number))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private long total() {
        return answers.values().stream().mapToLong(AtomicLong::get).sum();
    }

    private SortedMap<String, Long> answered() {
        SortedMap<String, Long> all = new TreeMap<>();
        answers.forEach((name, count) -> all.put("k" + name, count.get()));
        return all;
    }

    /** "label status" → how many requests, by the report; hours summed. */
    private static SortedMap<String, Long> counted(InProcess beside) {
        SortedMap<String, Long> all = new TreeMap<>();
        String csv = done(beside, "report", "usage-hourly", "--format", "csv");
        try (CSVParser rows = CSVParser.parse(
                csv,
                CSVFormat.RFC4180
                        .builder()
                        .setHeader()
                        .setSkipHeaderRecord(true)
                        .get())) {
            for (CSVRecord row : rows) {
                assertThat(row.get("grade")).isEqualTo("gap-detectable");
                merge(all, row.get("key") + " 200", Long.parseLong(row.get("success")));
                merge(all, row.get("key") + " 429", Long.parseLong(row.get("refused")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private static void merge(SortedMap<String, Long> all, String name, long count) {
        if (count > 0) {
            all.merge(name, count, Long::sum);
        }
    }

    private void pushed(Cli cli, KvApi kv) throws Exception {
        ProcessBuilder builder = cli.process(
                        "job",
                        "push-flags",
                        "--to",
                        "kv",
                        "--kv-api",
                        kv.address(),
                        "--kv-account",
                        "acc",
                        "--kv-namespace",
                        "flags",
                        "--json")
                .redirectOutput(folder.resolve("push.out").toFile())
                .redirectError(folder.resolve("push.err").toFile());
        builder.environment().put("COUNTERFOIL_KV_TOKEN", KvApi.TOKEN);
        Process push = builder.start();
        started.add(push);
        assertThat(push.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(push.exitValue()).as(text(folder.resolve("push.err"))).isZero();
        JsonNode result = new ObjectMapper().readTree(text(folder.resolve("push.out")));
        assertThat(result.at("/written").asInt()).isEqualTo(1);
        long over = answers.entrySet().stream()
                .filter(each ->
                        each.getKey().endsWith(" 200") && each.getValue().get() >= QUOTA)
                .count();
        assertThat(result.at("/keys").asLong()).isEqualTo(over);
    }

    /** Ours and the Worker's, of the same key for the same limit; times apart. */
    private void equalRefusals(WorkerProcess worker, int over) throws Exception {
        Matcher address = EDGE.matcher(text(folder.resolve("second.out")));
        assertThat(address.find()).isTrue();
        HttpResponse<String> theirs = ask(worker, over);
        HttpResponse<String> ours = ask(address.group(1) + "/v1/items/1", over);
        answers.get(over + " 429").incrementAndGet();
        assertThat(theirs.statusCode()).isEqualTo(ours.statusCode()).isEqualTo(429);
        ObjectMapper json = new ObjectMapper();
        for (String member : List.of("/type", "/title", "/status", "/violated-policies")) {
            assertThat(json.readTree(theirs.body()).at(member))
                    .isEqualTo(json.readTree(ours.body()).at(member));
        }
        for (String header : List.of("content-type", "ratelimit-policy")) {
            assertThat(theirs.headers().firstValue(header))
                    .isPresent()
                    .isEqualTo(ours.headers().firstValue(header));
        }
        String form = "\"day\";r=0;t=\\d+;counterfoil-asof=\\d+";
        assertThat(theirs.headers().firstValue("ratelimit").orElse("")).matches(form);
        assertThat(ours.headers().firstValue("ratelimit").orElse("")).matches(form);
        assertThat(theirs.headers().firstValue("retry-after").orElse("")).matches("\\d+");
    }

    /** The platform's own count of each hour, entered, is what was counted. */
    private static void controlTotals(InProcess beside) throws IOException {
        String csv = done(beside, "report", "usage-hourly", "--format", "csv");
        SortedMap<String, Long> hours = new TreeMap<>();
        try (CSVParser rows = CSVParser.parse(
                csv,
                CSVFormat.RFC4180
                        .builder()
                        .setHeader()
                        .setSkipHeaderRecord(true)
                        .get())) {
            rows.forEach(row -> hours.merge(row.get("hour"), Long.parseLong(row.get("requests")), Long::sum));
        }
        // One request was our own edge's.
        String last = hours.lastKey();
        String said =
                done(beside, "control-total", "shop", "--hour", last, "--requests", Long.toString(hours.get(last) - 1));
        assertThat(said).endsWith(": equal\n");
        assertThat(done(
                        beside,
                        "control-total",
                        "shop",
                        "--hour",
                        last,
                        "--requests",
                        Long.toString(hours.get(last)),
                        "--estimate"))
                .endsWith("are missing here (by an estimate: it proves nothing)\n");
        assertThat(done(beside, "report", "control-totals", "--format", "csv")).contains(",1,", ",estimate,");
    }

    private static String done(InProcess commands, String... command) {
        InProcess.Result result = commands.run(command);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
