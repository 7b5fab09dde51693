package io.counterfoil.edge.http;

/** What the edge keeps of a connection. */
record EdgeConnection(ServedCounter served, ConnectionGuard guard) {}
