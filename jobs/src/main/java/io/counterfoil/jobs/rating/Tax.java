package io.counterfoil.jobs.rating;

/**
 * An account's one tax line.
 *
 * @param name as the invoice shows it, for example VAT
 * @param percent of the net sum
 */
public record Tax(String name, Percent percent) {}
