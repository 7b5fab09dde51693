package io.counterfoil.schedules.home;

import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class HomeTest {
    private static final Optional<Path> NO_OPTION = Optional.empty();

    @TempDir
    Path folder;

    @Test
    void isTheOptionsElseTheEnvironmentsElseTheLaunchers() {
        Map<String, String> environment = Map.of("COUNTERFOIL_HOME", "/environment");
        Optional<String> launcher = Optional.of("/launcher/.counterfoil");

        assertThat(Home.resolve(Optional.of(Path.of("/option")), environment, launcher))
                .isEqualTo(Home.at(Path.of("/option")));
        assertThat(Home.resolve(NO_OPTION, environment, launcher)).isEqualTo(Home.at(Path.of("/environment")));
        assertThat(Home.resolve(NO_OPTION, Map.of("COUNTERFOIL_HOME", " "), launcher))
                .isEqualTo(Home.at(Path.of("/launcher/.counterfoil")));
    }

    @Test
    void saysHowToNameOneWhereNothingDoes() {
        assertThatThrownBy(() -> Home.resolve(NO_OPTION, Map.of(), Optional.empty()))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("--home DIR")
                .hasMessageContaining("COUNTERFOIL_HOME");
    }

    @Test
    void isAbsoluteWhateverTheWorkingFolder() {
        assertThat(Home.at(Path.of("here/../there")).folder())
                .isEqualTo(Path.of("there").toAbsolutePath());
    }

    @Test
    void createsItsFoldersForItsOwnerOnly() throws IOException {
        Home home = Home.at(folder.resolve("a home")).create();

        assertThat(home.landing()).isEqualTo(folder.resolve("a home/landing"));
        for (Path each : new Path[] {home.folder(), home.postgres(), home.archive(), home.edge(), home.logs()}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                    .as("permissions of %s", each)
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void aDemoHasItsOwnStateAndTheSameBinaries() {
        Home home = Home.at(folder);

        assertThat(home.demo().folder()).isEqualTo(folder.resolve("demo"));
        assertThat(home.demo().postgres()).isEqualTo(folder.resolve("demo/postgres"));
        assertThat(home.demo().binaries()).isEqualTo(home.binaries());
    }

    @Test
    void isNeverWipedUnlessADemos() {
        assertThatThrownBy(() -> Home.at(folder).wipe())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("only a demo's home is wiped");
        assertThat(folder).isEmptyDirectory();
    }
}
