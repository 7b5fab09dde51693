package io.counterfoil.edge.http;

import io.counterfoil.edge.config.ListenConfig;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What an edge's event loops share.
 *
 * @param sealAfter how old a record may get before its segment is rolled
 * @param routing what is answered to whom now
 * @param refuseWhenFull whether requests are refused while their records cannot be appended
 * @param clock for flags and headers; the log has its own
 * @param nanoTime for durations and time-outs
 */
record EdgeShared(
        SocketAddress address,
        HttpServerOptions options,
        ListenConfig.Limits limits,
        Duration sealAfter,
        AtomicReference<Routing> routing,
        boolean refuseWhenFull,
        InstantSource clock,
        LongSupplier nanoTime,
        Consumer<String> notices) {
    /** Bounds of what the decoder reads. */
    Http1ServerConfig http1() {
        return new Http1ServerConfig()
                .setMaxInitialLineLength(limits.requestLineBytes())
                .setMaxHeaderSize(limits.headerBytes());
    }
}
