package io.counterfoil.edge.listener;

import io.counterfoil.edge.config.ListenAddress;
import io.counterfoil.sql.OperatorException;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A listener beside the one that is paid for, with an event loop of its own: it takes nothing from those that answer requests. */
public final class SideListener implements AutoCloseable {
    private static final int START_SECONDS = 30;

    private final String name;
    private final Vertx vertx;
    private final Context context;
    private final Consumer<String> notices;
    private HttpServer server;

    /** @param name the setting that says where it listens */
    public SideListener(String name, Consumer<String> notices) {
        this.name = name;
        this.notices = notices;
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        context = vertx.getOrCreateContext();
    }

    public Vertx vertx() {
        return vertx;
    }

    /** Of its one event loop. */
    public Context context() {
        return context;
    }

    /**
     * Starts to answer.
     *
     * @param tls empty for clear text
     * @param options its bounds; where it listens is put in
     * @throws OperatorException category INPUT where the address cannot be listened on
     */
    public void listen(
            ListenAddress address,
            Optional<ServerSSLOptions> tls,
            HttpServerOptions options,
            Handler<HttpServerRequest> handler) {
        options.setHost(address.host()).setPort(address.port()).setHttp2ClearTextEnabled(false);
        tls.ifPresent(ssl -> options.setSsl(true).setUseAlpn(true).setKeyCertOptions(ssl.getKeyCertOptions()));
        try {
            server = vertx.createHttpServer(options).requestHandler(handler);
            server.listen().await(START_SECONDS, TimeUnit.SECONDS);
        } catch (RuntimeException | TimeoutException e) {
            throw OperatorException.input(name + " cannot listen on " + address + ": "
                    + (e.getCause() == null ? e : e.getCause()).getMessage() + "; set '" + name
                    + "' to an address of this machine with a free port, or off");
        }
    }

    /** Where it answers, with the real port. */
    public int port() {
        return server.actualPort();
    }

    /** New connections get that certificate. */
    public void updateTls(ServerSSLOptions options) {
        server.updateSSLOptions(options).onFailure(e -> notices.accept(name + " keeps its old certificate: " + e));
    }

    @Override
    public void close() {
        try {
            vertx.close().await(START_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            // Its threads are of no more use to anyone, and the process is about to end.
            return;
        }
    }
}
