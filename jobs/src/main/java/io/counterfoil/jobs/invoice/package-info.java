/** From hourly usage to final invoices: what an account is billed for a period, rated, and made final once. */
package io.counterfoil.jobs.invoice;
