package io.counterfoil.edge.http;

import io.counterfoil.accesslog.log.LogStream;
import io.counterfoil.accesslog.record.RequestFacts;

/** Where one event loop's records go; that event loop's alone. */
public interface RequestLog {
    /** Appends a record; false where the log cannot take it, which it then has counted as unlogged. */
    boolean append(RequestFacts facts);

    /** Counts a request whose end was seen on its connection, apart from the one who appends. */
    void countServed();

    /** Whether a record can be appended now. */
    boolean ready();

    /** Rolls what has been appended; where there is nothing, only if the last roll is longer ago than that. */
    void rollIfDue(long idleMicros);

    /** Rolls for the last time. */
    void end();

    /** A fault of memory surfaced on the event loop: perhaps it was a store into the log, whose disk failed. */
    void suspectMapping();

    /** The log that is kept. */
    static RequestLog of(LogStream stream) {
        return new RequestLog() {
            @Override
            public boolean append(RequestFacts facts) {
                return stream.append(facts);
            }

            @Override
            public void countServed() {
                stream.countServed();
            }

            @Override
            public boolean ready() {
                return stream.ready();
            }

            @Override
            public void rollIfDue(long idleMicros) {
                stream.rollIfDue(idleMicros);
            }

            @Override
            public void end() {
                stream.end();
            }

            @Override
            public void suspectMapping() {
                stream.suspectMapping();
            }
        };
    }
}
