package io.counterfoil.edge.http;

import io.counterfoil.edge.config.RouteConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Kept-alive connections to one origin; each event loop has its own, and takes no lock to use them. An origin's certificate is
 * held against the JVM's trust store and its name against the URL.
 */
final class OriginPool {
    private static final int KEEP_ALIVE_SECONDS = 60;
    private static final int WAITING_PER_CONNECTION = 4;
    private static final int MAX_HEADER_BYTES = 64 << 10;

    private final RouteConfig.Origin config;
    private final List<HttpClientAgent> clients = new ArrayList<>();
    private final RequestOptions target;
    private final String base;
    private final String authority;

    OriginPool(Vertx vertx, RouteConfig.Origin config, int loops) {
        this.config = config;
        URI url = config.url();
        boolean ssl = url.getScheme().equals("https");
        int port = url.getPort() >= 0 ? url.getPort() : ssl ? 443 : 80;
        String host = url.getHost().startsWith("[")
                ? url.getHost().substring(1, url.getHost().length() - 1)
                : url.getHost();
        target = new RequestOptions().setHost(host).setPort(port).setSsl(ssl).setFollowRedirects(false);
        base = url.getRawPath() == null || url.getRawPath().equals("/")
                ? ""
                : url.getRawPath().replaceAll("/+$", "");
        authority = url.getRawAuthority();
        for (int i = 0; i < loops; i++) {
            clients.add(vertx.createHttpClient(options(config, ssl), pool(config)));
        }
    }

    private static HttpClientOptions options(RouteConfig.Origin config, boolean ssl) {
        return new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setSsl(ssl)
                .setKeepAlive(true)
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setPipelining(false)
                .setConnectTimeout((int) config.connectTimeout().toMillis())
                .setSslHandshakeTimeout(config.connectTimeout().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setTcpNoDelay(true);
    }

    private static PoolOptions pool(RouteConfig.Origin config) {
        return new PoolOptions()
                .setHttp1MaxSize(config.connections())
                .setMaxWaitQueueSize(config.connections() * WAITING_PER_CONNECTION);
    }

    RouteConfig.Origin config() {
        return config;
    }

    HttpClientAgent client(int loop) {
        return clients.get(loop);
    }

    /**
     * A request to the origin.
     *
     * @param uri path and query as the client sent them
     */
    RequestOptions request(String uri) {
        return new RequestOptions(target).setURI(base.isEmpty() ? uri : base + uri);
    }

    /** What the origin is to find in {@code Host}. */
    String authority() {
        return authority;
    }

    /** Requests in flight have that long; then the connections are closed. */
    void close(Duration atMost) {
        clients.forEach(client -> client.shutdown(atMost));
    }
}
