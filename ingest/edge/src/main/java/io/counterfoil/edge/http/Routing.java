package io.counterfoil.edge.http;

import io.counterfoil.edge.client.ClientAddress;
import io.counterfoil.edge.config.RoutingConfig;
import io.counterfoil.edge.route.RouteTable;

import java.util.Optional;

/**
 * What is answered to whom, swapped whole when the settings change. Immutable.
 *
 * @param logClient whether the log's client column holds the client's network
 * @param limitFields what answers say of limits
 */
record Routing(
        RouteTable<RouteTarget> routes,
        ClientAddress clients,
        boolean logClient,
        RoutingConfig.LimitFields limitFields,
        Optional<Cors> cors) {}
