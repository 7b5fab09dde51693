package io.counterfoil.edge.http;

import io.counterfoil.edge.dataset.LiveDataset;

/** Where a route's answers come from. */
sealed interface RouteTarget {
    /** From memory. */
    record Documents(LiveDataset<DocumentReplies> dataset) implements RouteTarget {}

    /** What the caller used, from the database or the last of it that is known. */
    record Usage(UsageReplies replies) implements RouteTarget {}

    /** From a server behind the edge. */
    record Proxied(OriginPool origin) implements RouteTarget {}
}
