package io.counterfoil.edge.testing;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends requests on one connection, some at a time, until it breaks or is told to stop; knows which were fully answered. */
public final class LoadClient extends Thread {
    private static final int PIPELINED = 8;

    private final String address;
    private final String name;
    private final String header;
    private final Set<String> sent;
    private final Set<String> answered;
    private final AtomicInteger answers;
    private volatile boolean stopping;

    /** @param answers counts those of all clients */
    public LoadClient(String address, String name, String header, AtomicInteger answers) {
        this.address = address;
        this.name = name;
        this.header = header;
        this.answers = answers;
        sent = ConcurrentHashMap.newKeySet();
        answered = ConcurrentHashMap.newKeySet();
        setDaemon(true);
        start();
    }

    @Override
    public void run() {
        int number = 0;
        try (RawHttp http = new RawHttp(address)) {
            while (!stopping) {
                StringBuilder requests = new StringBuilder();
                for (int i = 0; i < PIPELINED; i++) {
                    String id = name + "-" + (number + i);
                    requests.append(RawHttp.get("/v1/items/1", header, "X-Request-Id: " + id));
                    sent.add(id);
                }
                http.send(requests.toString());
                for (int i = 0; i < PIPELINED; i++) {
                    answered.add(http.receive().header("x-request-id"));
                    answers.incrementAndGet();
                }
                number += PIPELINED;
            }
        } catch (IOException e) {
            // The edge is gone; what was not answered by now never will be.
            return;
        }
    }

    public void finish() throws InterruptedException {
        stopping = true;
        join();
    }

    public Set<String> sent() {
        return sent;
    }

    public Set<String> answered() {
        return answered;
    }
}
