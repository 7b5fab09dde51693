package io.counterfoil.accesslog.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicInteger;

/** The real disk, until told to fail. */
final class FailingDisk implements Disk {
    /** How many of the next forces fail. */
    final AtomicInteger failingForces = new AtomicInteger();
    /** How many were asked for. */
    final AtomicInteger forces = new AtomicInteger();
    /** Nothing more can be written ahead. */
    volatile boolean full;

    @Override
    public void force(FileChannel file) throws IOException {
        forces.incrementAndGet();
        if (failingForces.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new IOException("Input/output error");
        }
        Disk.REAL.force(file);
    }

    @Override
    public void zero(FileChannel file, long from, long to) throws IOException {
        if (full) {
            throw new IOException("No space left on device");
        }
        Disk.REAL.zero(file, from, to);
    }
}
