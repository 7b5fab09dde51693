package io.counterfoil.edge.http;

import io.counterfoil.edge.config.ListenConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ServerSSLOptions;

import java.util.List;
import java.util.Optional;

/** How Vert.x is to serve: the bounds of HTTP/1.1 and HTTP/2, and TLS. */
final class ServerOptions {
    private static final int MAX_STREAMS = 100;
    private static final int STREAM_WINDOW_BYTES = 64 << 10;
    private static final int CONNECTION_WINDOW_BYTES = 1 << 20;
    private static final int ACCEPT_BACKLOG = 4096;

    private ServerOptions() {}

    static HttpServerOptions of(ListenConfig.Limits limits, Optional<ServerSSLOptions> tls) {
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
                .setKeyCertOptions(ssl.getKeyCertOptions()));
        return options;
    }
}
