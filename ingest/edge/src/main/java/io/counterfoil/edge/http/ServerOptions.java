package io.counterfoil.edge.http;

import io.counterfoil.edge.config.EdgeConfig;
import io.counterfoil.edge.config.ListenConfig;
import io.counterfoil.edge.config.RouteConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ServerSSLOptions;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How Vert.x is to serve: the bounds of HTTP/1.1 and HTTP/2, and TLS. */
final class ServerOptions {
    private static final int MAX_STREAMS = 100;
    private static final int STREAM_WINDOW_BYTES = 64 << 10;
    private static final int CONNECTION_WINDOW_BYTES = 1 << 20;
    private static final int ACCEPT_BACKLOG = 4096;

    private ServerOptions() {}

    static HttpServerOptions of(EdgeConfig config, Optional<ServerSSLOptions> tls) {
        ListenConfig.Limits limits = config.listen().limits();
        HttpServerOptions options = new HttpServerOptions()
                .setStrictThreadMode(true)
                .setHttp2ClearTextEnabled(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setHandle100ContinueAutomatically(true)
                .setAcceptBacklog(ACCEPT_BACKLOG)
                .setMaxInitialLineLength(limits.requestLineBytes())
                .setMaxHeaderSize(limits.headerBytes())
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(MAX_STREAMS)
                        .setInitialWindowSize(STREAM_WINDOW_BYTES)
                        .setMaxHeaderListSize(limits.headerBytes())
                        .setPushEnabled(false));
        tls.ifPresent(ssl -> options.setSsl(true)
                .setUseAlpn(true)
                .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                .setKeyCertOptions(ssl.getKeyCertOptions())
                // A client that is silent after the handshake has no connection yet that a guard could watch.
                .setIdleTimeout(silenceSeconds(config)));
        return options;
    }

    /** Longer than anything that a client may wait for without a byte either way. */
    private static int silenceSeconds(EdgeConfig config) {
        Duration longest = config.listen().limits().idleTimeout();
        for (RouteConfig route : config.routing().routes()) {
            if (route.target() instanceof RouteConfig.Origin origin) {
                for (Duration wait : List.of(origin.connectTimeout(), origin.responseTimeout(), origin.idleTimeout())) {
                    longest = wait.compareTo(longest) > 0 ? wait : longest;
                }
            }
        }
        return (int) longest.toSeconds() + 5;
    }
}
