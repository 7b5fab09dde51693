package io.counterfoil.edge.http;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;

import java.util.Optional;

/**
 * How the event loops ask the kernel for bytes. io_uring costs about 2 µs a request less than epoll (bench/RESULTS.md), but not
 * every kernel or container allows it; epoll is what Linux always has, and NIO every system.
 */
final class Transports {
    private Transports() {}

    /** A Vert.x, and the name of the transport it is on. */
    record Opened(Vertx vertx, String transport) {}

    /** Opens Vert.x on the named transport, or for {@code auto} on the cheapest that there is; empty where it is not there. */
    static Optional<Opened> open(String name, VertxOptions options) {
        if (name.equals("nio")) {
            return Optional.of(new Opened(Vertx.vertx(options.setPreferNativeTransport(false)), name));
        }
        for (Transport transport : new Transport[] {Transport.IO_URING, Transport.EPOLL}) {
            boolean wanted = transport != null && (name.equals("auto") || name.equals(transport.name()));
            if (wanted && transport.available()) {
                Vertx vertx =
                        Vertx.builder().with(options).withTransport(transport).build();
                return Optional.of(new Opened(vertx, transport.name()));
            }
        }
        return name.equals("auto") ? open("nio", options) : Optional.empty();
    }
}
