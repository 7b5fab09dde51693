package io.counterfoil.jobs.imports;

import io.counterfoil.sql.OperatorException;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The logs that can be read. */
enum LogFormat {
    /** Apache's and nginx's Common and Combined Log Format, with or without a virtual host before it. */
    COMBINED("") {
        @Override
        LineFormat reader(KeyField keyField, FieldMap map) {
            return new CombinedFormat(keyField);
        }
    },
    /** One JSON object a line. */
    JSON("") {
        @Override
        LineFormat reader(KeyField keyField, FieldMap map) {
            return new JsonFormat(keyField, map);
        }
    },
    /** CSV with a header line. */
    CSV("") {
        @Override
        LineFormat reader(KeyField keyField, FieldMap map) {
            return new CsvFormat(keyField, map);
        }
    },
    /** CloudFront's standard logs. */
    CLOUDFRONT("") {
        @Override
        LineFormat reader(KeyField keyField, FieldMap map) {
            return new W3cFormat(W3cFormat.Dialect.CLOUDFRONT, keyField, map);
        }
    },
    /** Cloudflare Logpush, data set http_requests. */
    CLOUDFLARE("subrequests of Workers") {
        @Override
        LineFormat reader(KeyField keyField, FieldMap map) {
            return new LogpushFormat(keyField, map.requiring("bytes"));
        }
    },
    /** AWS Application Load Balancer. */
    ALB("lines of connections, which are no requests") {
        @Override
        LineFormat reader(KeyField keyField, FieldMap map) {
            return new AlbFormat(keyField, map);
        }
    },
    /** IIS, W3C extended. */
    IIS("") {
        @Override
        LineFormat reader(KeyField keyField, FieldMap map) {
            return new W3cFormat(W3cFormat.Dialect.IIS, keyField, map);
        }
    };

    private final String leftOut;

    LogFormat(String leftOut) {
        this.leftOut = leftOut;
    }

    /** @throws OperatorException category INPUT where there is no such format */
    static LogFormat named(String text) {
        return Arrays.stream(values())
                .filter(format -> format.text().equals(text))
                .findFirst()
                .orElseThrow(() -> OperatorException.input("--format is '" + text + "', expected one of "
                        + Arrays.stream(values()).map(LogFormat::text).collect(Collectors.joining(", "))));
    }

    /** As on the command line and in seals. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What of its lines is no request by design, comments and headers apart; empty where there is nothing of that kind. */
    String leftOut() {
        return leftOut;
    }

    /** A fresh reader for one file. */
    abstract LineFormat reader(KeyField keyField, FieldMap map);
}
