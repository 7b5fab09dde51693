package io.counterfoil.accesslog.collected;

import java.io.IOException;

/** Knows which batches of a source were counted: asked where its folder is new, and may be one that was lost. */
@FunctionalInterface
public interface CountedBatches {
    /** Nothing was. */
    CountedBatches NONE = (source, to) -> {};

    /** Tells all of them. */
    void tell(String source, To to) throws IOException;

    /** Takes a run of an instance's batches. */
    @FunctionalInterface
    interface To {
        void run(String instance, long first, long last);
    }
}
