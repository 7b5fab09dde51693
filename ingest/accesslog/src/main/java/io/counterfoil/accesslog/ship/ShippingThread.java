package io.counterfoil.accesslog.ship;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Ships whenever something was sealed, and tries again every second while the landing cannot be written. */
public final class ShippingThread extends Thread {
    private static final long RETRY_MILLIS = 1000;
    private static final long FINISH_MILLIS = 10_000;

    private final Shipper shipper;
    private final Semaphore wakes = new Semaphore(1);
    private volatile long finishBy = Long.MAX_VALUE;

    public ShippingThread(Shipper shipper) {
        super("counterfoil-ship");
        this.shipper = shipper;
        setDaemon(true);
    }

    /** There is something to ship. */
    public void wake() {
        wakes.release();
    }

    @Override
    public void run() {
        try {
            boolean done = true;
            while (true) {
                boolean woken = wakes.tryAcquire(done ? RETRY_MILLIS * 60 : RETRY_MILLIS, TimeUnit.MILLISECONDS);
                wakes.drainPermits();
                boolean last = finishBy != Long.MAX_VALUE;
                if (woken || !done || last) {
                    done = shipper.ship();
                }
                if (last && (done || System.nanoTime() >= finishBy)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            currentThread().interrupt();
        }
    }

    /** Returns when everything sealed is shipped, or after ten seconds: a call to a landing that does not answer is broken off. */
    public void finish() {
        finishBy = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FINISH_MILLIS);
        wake();
        try {
            join(FINISH_MILLIS);
            if (isAlive()) {
                interrupt();
                // A socket does not hear it; the process is about to end.
                join(RETRY_MILLIS);
            }
        } catch (InterruptedException e) {
            currentThread().interrupt();
        }
    }
}
