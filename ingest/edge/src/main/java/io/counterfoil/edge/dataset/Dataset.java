package io.counterfoil.edge.dataset;

import io.vertx.core.buffer.Buffer;

import java.util.Map;
import java.util.Optional;

/** JSON documents by key, all in memory: no request touches a file. Immutable. */
public final class Dataset {
    private final Map<String, Buffer> documents;

    Dataset(Map<String, Buffer> documents) {
        this.documents = Map.copyOf(documents);
    }

    /** The document's bytes, shared and never changed. */
    public Optional<Buffer> document(String key) {
        return Optional.ofNullable(documents.get(key));
    }

    public int size() {
        return documents.size();
    }
}
