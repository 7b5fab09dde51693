package io.counterfoil.edge.collector;

import io.counterfoil.accesslog.collected.BatchId;
import io.counterfoil.accesslog.collected.CollectedBatch;
import io.counterfoil.edge.listener.ProblemAnswer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/** Reads a batch from its request, within bounds; answers where it is none. */
final class PostedBatch {
    /** Unpacked. */
    static final int MAX_BYTES = 8 << 20;

    private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,15}");
    private static final Pattern MILLIS = Pattern.compile("\\d{1,15}");
    private static final String NDJSON = "application/x-ndjson";

    private final HttpServerRequest request;
    private final BatchId id;
    private final boolean gzip;
    private final Optional<Long> sentMillis;
    private final BodyBudget budget;
    private final InstantSource clock;
    private final Consumer<CollectedBatch> taker;
    private final Buffer body = Buffer.buffer();
    private long taken;
    private boolean answered;

    private PostedBatch(
            HttpServerRequest request,
            BatchId id,
            boolean gzip,
            Optional<Long> sentMillis,
            BodyBudget budget,
            InstantSource clock,
            Consumer<CollectedBatch> taker) {
        this.request = request;
        this.id = id;
        this.gzip = gzip;
        this.sentMillis = sentMillis;
        this.budget = budget;
        this.clock = clock;
        this.taker = taker;
    }

    /** Gives the batch to the taker once it is read; answers itself where that cannot be. */
    static void read(
            HttpServerRequest request, BodyBudget budget, InstantSource clock, Consumer<CollectedBatch> taker) {
        String type = String.valueOf(request.getHeader(HttpHeaders.CONTENT_TYPE))
                .split(";", 2)[0]
                .strip();
        String coding = text(request, HttpHeaders.CONTENT_ENCODING).toLowerCase(Locale.ROOT);
        String instance = text(request, "Counterfoil-Instance");
        String number = text(request, "Counterfoil-Batch");
        String sent = text(request, "Counterfoil-Sent");
        if (!type.equalsIgnoreCase(NDJSON)) {
            request.response().putHeader(HttpHeaders.ACCEPT, NDJSON);
            ProblemAnswer.send(request, 415, "Unsupported Media Type", "A batch is " + NDJSON + ", plain or gzip.");
        } else if (!coding.matches("|identity|gzip")) {
            request.response().putHeader(HttpHeaders.ACCEPT_ENCODING, "gzip");
            ProblemAnswer.send(request, 415, "Unsupported Media Type", "A batch is plain or gzip.");
        } else if (!BatchId.INSTANCE.matcher(instance).matches()) {
            ProblemAnswer.send(
                    request,
                    400,
                    "Bad Request",
                    "Counterfoil-Instance is missing, or not 1 to 64 of A-Z a-z 0-9 . _ - with no sign at the start.");
        } else if (!NUMBER.matcher(number).matches() || Long.parseLong(number) > BatchId.MAX_NUMBER) {
            ProblemAnswer.send(
                    request, 400, "Bad Request", "Counterfoil-Batch is missing, or no number from 1 to 2^53 - 1.");
        } else if (!sent.isEmpty() && !MILLIS.matcher(sent).matches()) {
            ProblemAnswer.send(request, 400, "Bad Request", "Counterfoil-Sent is no time in Unix milliseconds.");
        } else {
            new PostedBatch(
                            request,
                            new BatchId(instance, Long.parseLong(number)),
                            coding.equals("gzip"),
                            sent.isEmpty() ? Optional.empty() : Optional.of(Long.parseLong(sent)),
                            budget,
                            clock,
                            taker)
                    .read();
        }
    }

    private static String text(HttpServerRequest request, CharSequence header) {
        return Optional.ofNullable(request.getHeader(header)).orElse("");
    }

    private void read() {
        request.response().endHandler(none -> giveBack()).closeHandler(none -> giveBack());
        request.handler(this::add).exceptionHandler(this::broken).endHandler(none -> end());
    }

    private void add(Buffer part) {
        if (answered) {
            return;
        }
        if (body.length() + part.length() > MAX_BYTES) {
            answered = true;
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            ProblemAnswer.send(request, 413, "Content Too Large", "A batch has at most " + MAX_BYTES + " bytes.");
            return;
        }
        if (!budget.take(part.length())) {
            answered = true;
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            PostAnswer.notTaken(request);
            return;
        }
        body.appendBuffer(part);
        taken += part.length();
    }

    private void giveBack() {
        budget.giveBack(taken);
        taken = 0;
    }

    private void broken(Throwable e) {
        if (!answered) {
            answered = true;
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            ProblemAnswer.send(request, 400, "Bad Request", "The body did not come whole.");
        }
    }

    private void end() {
        if (answered) {
            return;
        }
        answered = true;
        byte[] unpacked;
        try {
            unpacked = gzip ? unpack(body.getBytes()) : body.getBytes();
        } catch (IOException e) {
            ProblemAnswer.send(request, 400, "Bad Request", "The body is no gzip, or not whole.");
            return;
        }
        Optional<RecordLines> lines = unpacked.length > MAX_BYTES ? Optional.empty() : RecordLines.parse(unpacked);
        if (lines.isEmpty()) {
            ProblemAnswer.send(
                    request,
                    413,
                    "Content Too Large",
                    "A batch has at most " + RecordLines.MAX_LINES + " lines and " + MAX_BYTES + " bytes, unpacked.");
            return;
        }
        taker.accept(new CollectedBatch(
                id, skewMicros(lines.get()), lines.get().records(), lines.get().rejects()));
    }

    /** At most a byte more than a batch may have. */
    private static byte[] unpack(byte[] packed) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return in.readNBytes(MAX_BYTES + 1);
        }
    }

    /** By when it says it was sent; without that, by records that are later than now. */
    private long skewMicros(RecordLines lines) {
        long now = clock.millis();
        long newest = lines.records().stream()
                .mapToLong(record -> record.tsMicros())
                .max()
                .orElse(0);
        long ahead = Math.max(0, newest - now * 1000);
        long skew = sentMillis.map(sent -> (sent - now) * 1000).orElse(0L);
        return ahead > Math.abs(skew) ? ahead : skew;
    }
}
