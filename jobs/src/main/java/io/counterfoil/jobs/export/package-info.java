/** Data for other systems: files that are the same, byte for byte, as long as the data is, each with a manifest. */
package io.counterfoil.jobs.export;
