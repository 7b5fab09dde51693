package io.counterfoil.schedules.runner;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Does something again and again in a thread of its own, a pause after the last one ended, until it is closed. Trouble that passes by
 * itself is told once; an {@link Error} is told and ends it.
 */
final class PassLoop implements AutoCloseable {
    private final String name;
    private final String verb;
    private final Runnable pass;
    private final Consumer<String> lines;
    private final long pauseMillis;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private volatile Error broken;
    private String trouble = "";

    /**
     * @param name of what it is, as in "rollup works again"
     * @param verb what it does, as in "rollup cannot count"
     */
    PassLoop(String name, String verb, Runnable pass, Consumer<String> lines, Duration pause) {
        this.name = name;
        this.verb = verb;
        this.pass = pass;
        this.lines = lines;
        this.pauseMillis = pause.toMillis();
        this.thread = new Thread(this::run, name);
    }

    void start() {
        thread.start();
    }

    /** Whether it was told to end. */
    boolean stopped() {
        return stop.getCount() == 0;
    }

    /** What ended it. */
    Optional<Error> broken() {
        return Optional.ofNullable(broken);
    }

    private void run() {
        try {
            do {
                once();
            } while (!stop.await(pauseMillis, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Error e) {
            broken = e;
            lines.accept(name + " broke and " + verb + "s no more: " + e);
        }
    }

    /** One pass; by another thread only after {@link #close}. */
    void once() {
        try {
            pass.run();
            if (!trouble.isEmpty()) {
                lines.accept(name + " works again");
                trouble = "";
            }
        } catch (RuntimeException e) {
            // Whatever it is, the next pass starts from what the database holds; a loop that ended would do nothing
            // more.
            String now = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            if (!now.equals(trouble)) {
                lines.accept(name + " cannot " + verb + ", trying again: " + now);
            }
            trouble = now;
        }
    }

    /** Waits until the pass that runs is done. False: it was interrupted, and may still run. */
    boolean join() {
        stop.countDown();
        try {
            thread.join();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        join();
    }
}
