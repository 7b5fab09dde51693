package io.counterfoil.accesslog.ship;

import io.counterfoil.accesslog.record.StreamId;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What is sealed and not in the landing yet, and why. From any thread. */
public final class ShippingCounters {
    private final AtomicLong waitingSegments = new AtomicLong();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Set<StreamId> quarantined = ConcurrentHashMap.newKeySet();
    private final AtomicLong quarantinedBytes = new AtomicLong();
    private volatile boolean landingDown;
    private volatile long shippedNanos = System.nanoTime();

    /** What an earlier process left. */
    public void found(Collection<Long> dataSizes) {
        waitingSegments.set(dataSizes.size());
        waitingBytes.set(dataSizes.stream().mapToLong(Long::longValue).sum());
    }

    /** One more waits. */
    public void sealed(long bytes) {
        waitingSegments.incrementAndGet();
        waitingBytes.addAndGet(bytes);
    }

    void landed(long bytes) {
        waitingSegments.decrementAndGet();
        waitingBytes.addAndGet(-bytes);
    }

    /** False where the stream was quarantined before. */
    boolean quarantine(StreamId stream) {
        return quarantined.add(stream);
    }

    void quarantinedBytes(long bytes) {
        quarantinedBytes.set(bytes);
    }

    void landingDown(boolean down) {
        landingDown = down;
    }

    void allShipped() {
        shippedNanos = System.nanoTime();
    }

    public long waitingSegments() {
        return waitingSegments.get();
    }

    public long waitingBytes() {
        return waitingBytes.get();
    }

    /** Streams that the landing holds with another content: theirs stays on this disk, and is bounded apart. */
    public Set<StreamId> quarantined() {
        return quarantined;
    }

    public long quarantinedBytes() {
        return quarantinedBytes.get();
    }

    /** Whether the last attempt to ship failed. */
    public boolean landingDown() {
        return landingDown;
    }

    /** Since everything sealed was last found to be in the landing. */
    public double secondsSinceShipped() {
        return (System.nanoTime() - shippedNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    }
}
