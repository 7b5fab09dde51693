package io.counterfoil.accesslog.log;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;

/**
 * Unmaps a file at once, which Java 17 has no other call for; waiting for the garbage collector keeps every page of a segment in
 * the process's resident memory for as long as its buffer lives. Whoever touches the buffer afterwards ends the process.
 */
final class Unmapping {
    private static final MethodHandle INVOKE_CLEANER = find();

    private Unmapping() {}

    /** Where this Java does not allow it, the garbage collector does it later. */
    static void unmap(MappedByteBuffer buffer) {
        if (INVOKE_CLEANER == null) {
            return;
        }
        try {
            INVOKE_CLEANER.invoke((ByteBuffer) buffer);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot unmap a segment", e);
        }
    }

    private static MethodHandle find() {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field instance = unsafe.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            return MethodHandles.lookup()
                    .findVirtual(unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
                    .bindTo(instance.get(null));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }
}
