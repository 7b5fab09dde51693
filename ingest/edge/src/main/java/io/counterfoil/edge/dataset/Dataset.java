package io.counterfoil.edge.dataset;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Documents by key, all in memory: no request touches a file. Immutable.
 *
 * @param <T> what a document is kept as, made once for all its requests
 */
public final class Dataset<T> {
    private final Map<String, T> documents;

    Dataset(Map<String, T> documents) {
        this.documents = Map.copyOf(documents);
    }

    public Optional<T> document(String key) {
        return Optional.ofNullable(documents.get(key));
    }

    public int size() {
        return documents.size();
    }

    <R> Dataset<R> map(Function<T, R> change) {
        Map<String, R> changed = new java.util.HashMap<>(documents.size() * 2);
        documents.forEach((key, document) -> changed.put(key, change.apply(document)));
        return new Dataset<>(changed);
    }
}
