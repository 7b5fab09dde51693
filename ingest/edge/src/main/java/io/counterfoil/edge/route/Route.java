package io.counterfoil.edge.route;

import io.counterfoil.edge.dataset.Dataset;

/** A path and the documents it serves. */
public record Route(String name, PathTemplate path, Dataset dataset, long units) {}
