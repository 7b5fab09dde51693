package io.counterfoil.schedules.cli;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/** Turns Ctrl-C and SIGTERM into an orderly stop. */
final class StopSignal {
    private static final int INTERRUPTED = 130;

    private StopSignal() {}

    /**
     * Counts down at the first signal; a second one ends the process at once. A shutdown hook would not do: Spark's own would take
     * the session away from the last rollup.
     */
    static CountDownLatch install() {
        CountDownLatch stop = new CountDownLatch(1);
        try {
            // By name, because javac warns of sun.misc and cannot be told not to; there is no other way to take a
            // signal.
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours =
                    Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (self, method, args) -> {
                        if (method.getName().equals("handle")) {
                            if (stop.getCount() == 0) {
                                Runtime.getRuntime().halt(INTERRUPTED);
                            }
                            stop.countDown();
                            return null;
                        }
                        return method.getName().equals("hashCode")
                                ? 0
                                : method.getName().equals("equals") && self == args[0];
                    });
            for (String name : new String[] {"INT", "TERM"}) {
                Object taken = signal.getConstructor(String.class).newInstance(name);
                signal.getMethod("handle", signal, handler).invoke(null, taken, ours);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java cannot take signals", e);
        }
        return stop;
    }
}
