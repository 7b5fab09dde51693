package io.counterfoil.schedules.cluster;

import org.apache.spark.TaskContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * Faults in real tasks, without a line for it in the jobs: Spark calls a plugin in the task's thread before the task, and a listener
 * behind its last line, before the driver hears of it. A rollup's stage 0 counts, its stage 1 copies into staging.
 *
 * <p>The first task that is hit claims the fault; each task that has staged leaves a file {@code staged-ATTEMPT}.
 */
public final class FaultPlugin implements SparkPlugin {
    static final String FAULT = "spark.counterfoil.fault";
    static final String FOLDER = "spark.counterfoil.fault.folder";
    private static final long HOLD_MILLIS = 120_000;

    /** What happens to a task. */
    enum Fault {
        NONE,
        /** It stands still before it counts. */
        HOLD_COUNTING,
        /** Its rows are committed in staging, and it stands still before it says so. */
        HOLD_STAGED,
        /** Its rows are committed in staging, and it fails. */
        FAIL_STAGED
    }

    @Override
    public DriverPlugin driverPlugin() {
        return null;
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new Tasks();
    }

    private static final class Tasks implements ExecutorPlugin {
        private Fault fault = Fault.NONE;
        private Path folder = Path.of("");

        @Override
        public void init(PluginContext context, Map<String, String> ignored) {
            fault = Fault.valueOf(context.conf().get(FAULT));
            folder = Path.of(context.conf().get(FOLDER));
        }

        @Override
        public void onTaskStart() {
            TaskContext task = TaskContext.get();
            if (task.stageId() == 0 && fault == Fault.HOLD_COUNTING && claimed()) {
                hold();
            }
            if (task.stageId() == 1) {
                task.addTaskCompletionListener(this::staged);
            }
        }

        private void staged(TaskContext task) {
            if (task.isFailed()) {
                return;
            }
            try {
                Files.writeString(folder.resolve("staged-" + task.taskAttemptId()), "");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (fault == Fault.HOLD_STAGED && claimed()) {
                hold();
            }
            if (fault == Fault.FAIL_STAGED && claimed()) {
                throw new IllegalStateException("injected: the task fails after its rows were committed");
            }
        }

        /** Whether this task is the first; the file holds this executor's pid. */
        private boolean claimed() {
            try {
                Files.createFile(folder.resolve("claim"));
                Path pid = Files.writeString(
                        folder.resolve("pid.new"),
                        Long.toString(ProcessHandle.current().pid()));
                Files.move(pid, folder.resolve("pid"), StandardCopyOption.ATOMIC_MOVE);
                return true;
            } catch (FileAlreadyExistsException e) {
                return false;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void hold() {
            try {
                Thread.sleep(HOLD_MILLIS);
            } catch (InterruptedException e) {
                // Spark ends a task whose copy was quicker.
                Thread.currentThread().interrupt();
            }
        }
    }
}
