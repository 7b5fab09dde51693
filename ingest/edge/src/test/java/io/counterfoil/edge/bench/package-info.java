/** What the scripts in {@code ingest/edge/bench} need of Java; no tests. */
package io.counterfoil.edge.bench;
