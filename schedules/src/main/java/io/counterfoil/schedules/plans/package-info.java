/** Reads {@code plans.yaml}, the catalogue that people keep in git. */
package io.counterfoil.schedules.plans;
