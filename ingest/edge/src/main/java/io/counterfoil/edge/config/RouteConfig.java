package io.counterfoil.edge.config;

import io.counterfoil.edge.route.PathTemplate;

import java.nio.file.Path;

/**
 * One route of {@code edge.yaml}.
 *
 * @param name what the log's {@code route} column says
 * @param dataset folder of the documents it serves
 * @param units what each of its requests weighs; 1 or more
 */
public record RouteConfig(String name, PathTemplate path, Path dataset, long units) {}
