/** Reads the files that people write, field by field; what is wrong is told all at once, each with file, line, value and what was expected. */
package io.counterfoil.schedules.yaml;
