package io.counterfoil.schedules.schedule;

import java.nio.file.Path;

/**
 * Where the machine that starts the jobs has what they need.
 *
 * @param environment a file of {@code NAME='value'} lines, which holds the secrets
 * @param locks folder of the jobs' locks
 */
public record Deployment(Path sparkSubmit, String master, Path jobsJar, Path environment, String user, Path locks) {}
