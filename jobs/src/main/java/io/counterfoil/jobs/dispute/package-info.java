/** From an invoice, or a key's hour, down to the log: one file that a customer can check. */
package io.counterfoil.jobs.dispute;
