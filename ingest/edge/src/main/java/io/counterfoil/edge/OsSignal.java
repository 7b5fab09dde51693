package io.counterfoil.edge;

import java.lang.reflect.Proxy;

/**
 * Signals of the operating system. The JDK's only way to one is {@code sun.misc.Signal}, of the supported module
 * {@code jdk.unsupported}; it is reached by name because javac warns of it whatever one says. Uses nothing of the edge's libraries.
 */
public final class OsSignal {
    private OsSignal() {}

    /**
     * Runs the action at each such signal, in a thread of the JVM's; what the signal did before, it does no more.
     *
     * @param name without SIG: HUP, INT, TERM
     * @throws IllegalArgumentException where the system has no such signal, or the JVM keeps it for itself
     */
    public static void on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours =
                    Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (self, method, args) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                            return null;
                        }
                        return method.getName().equals("hashCode")
                                ? 0
                                : method.getName().equals("equals") && self == args[0];
                    });
            Object taken = signal.getConstructor(String.class).newInstance(name);
            signal.getMethod("handle", signal, handler).invoke(null, taken, ours);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("signal " + name + " cannot be taken on this system", e);
        }
    }
}
