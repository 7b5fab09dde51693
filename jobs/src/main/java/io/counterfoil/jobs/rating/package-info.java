/**
 * What usage costs: pure, decimal only, without a database. {@link io.counterfoil.jobs.rating.Rating} is the way in. The choices
 * that vendors make differently stand in the module's README, "Rating".
 */
package io.counterfoil.jobs.rating;
