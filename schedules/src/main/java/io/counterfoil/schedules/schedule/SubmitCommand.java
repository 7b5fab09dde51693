package io.counterfoil.schedules.schedule;

import java.util.ArrayList;
import java.util.List;

/** The words of the command that runs a job on Spark. */
public final class SubmitCommand {
    /** The jobs jar's entry. */
    public static final String MAIN = "io.counterfoil.jobs.JobMain";

    private SubmitCommand() {}

    /** {@code spark-submit}, its options, the jar, the job and its arguments. None holds a secret. */
    public static List<String> words(Deployment deployment, ScheduledJob job) {
        List<String> words = new ArrayList<>(List.of(
                deployment.sparkSubmit().toString(),
                "--master",
                deployment.master(),
                "--class",
                MAIN,
                "--name",
                "counterfoil-" + job.name()));
        job.spark().forEach((setting, value) -> words.addAll(List.of("--conf", setting + "=" + value)));
        words.add(deployment.jobsJar().toString());
        words.add(job.name());
        words.addAll(job.arguments());
        return words;
    }

    /** As {@link #words}, run only where the job's lock is free: {@code flock} ends with 0 where it is held. */
    static List<String> locked(Deployment deployment, ScheduledJob job) {
        List<String> words = new ArrayList<>(List.of("flock", "-E", "0"));
        words.addAll(
                job.overlap().waits()
                        ? List.of("-w", Long.toString(job.timeout().toSeconds()))
                        : List.of("-n"));
        words.add(deployment.locks().resolve(job.overlap().lock() + ".lock").toString());
        // A job that does not end when it is asked to is killed a minute later: nothing is lost by it.
        words.addAll(List.of("timeout", "-k", "60", Long.toString(job.timeout().toSeconds())));
        words.addAll(words(deployment, job));
        return words;
    }
}
