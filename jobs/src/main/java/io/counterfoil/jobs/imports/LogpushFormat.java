package io.counterfoil.jobs.imports;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Cloudflare Logpush, data set http_requests: one JSON object a line. Members that nobody asked for are passed over. */
final class LogpushFormat implements LineFormat {
    /** What {@code ParentRayID} holds where there is no parent. */
    private static final Pattern NO_PARENT = Pattern.compile("|-|0+");

    private final KeyField keyField;
    private final FieldMap map;

    LogpushFormat(KeyField keyField, FieldMap map) {
        this.keyField = keyField;
        this.map = map;
    }

    @Override
    public boolean skip(String line) {
        return line.isBlank();
    }

    /** A Worker's own requests stand in the log beside the client's that made it run: nobody asked for those. */
    @Override
    public Optional<ForeignRequest> parse(String line) throws MalformedLineException {
        Map<String, String> fields = JsonFormat.fields(line);
        String parent = fields.getOrDefault("ParentRayID", "");
        if (fields.getOrDefault("WorkerSubrequest", "").equalsIgnoreCase("true")
                || !NO_PARENT.matcher(parent).matches()) {
            return Optional.empty();
        }
        ForeignRequest request = map.request(fields, keyField);
        if (request.tsMicros() == 0) {
            throw new MalformedLineException("the time is 0, the request has no end");
        }
        return Optional.of(request);
    }
}
