package io.counterfoil.schedules.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/** Who may import whom (CONTRIBUTING.md). What a class may use is what keeps the modules apart: Maven alone lets a dependency leak. */
class ImportRulesTest {
    private static final String ROOT = "io.counterfoil";

    /** Each module with those it may import; schedules passes on what the edge's and the jobs' signatures show of the access log. */
    private static final Map<String, Set<String>> MAY_IMPORT = Map.of(
            "accesslog", Set.of(),
            "sql", Set.of(),
            "edge", Set.of("accesslog", "sql"),
            "jobs", Set.of("accesslog", "sql"),
            "schedules", Set.of("accesslog", "sql", "edge", "jobs"));

    private static final ImportOption WITHOUT_TEST_JARS = location -> !location.contains("-tests.jar");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(WITHOUT_TEST_JARS)
            .importPackages(ROOT);

    private static final DescribedPredicate<JavaClass> A_MAIN =
            DescribedPredicate.describe("a …Main", ImportRulesTest::isMain);

    private static final DescribedPredicate<JavaAccess<?>> THE_TIME_OF_DAY = DescribedPredicate.<JavaAccess<?>>or(
                    List.of(
                            target(owner(type(System.class))).and(target(name("currentTimeMillis"))),
                            target(owner(clock())).and(target(name("now"))).and(DescribedPredicate.not(withAClock()))))
            .as("the time of day");

    @ParameterizedTest
    @ValueSource(strings = {"accesslog", "sql", "edge", "jobs", "schedules"})
    void aModuleImportsOnlyWhatItMay(String module) {
        String[] forbidden = MAY_IMPORT.keySet().stream()
                .filter(other ->
                        !other.equals(module) && !MAY_IMPORT.get(module).contains(other))
                .map(ImportRulesTest::packages)
                .toArray(String[]::new);

        assertThat(CLASSES.that(resideInAPackage(packages(module))))
                .as("classes of %s", module)
                .hasSizeGreaterThan(3);
        if (forbidden.length > 0) {
            noClasses()
                    .that()
                    .resideInAPackage(packages(module))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(forbidden)
                    .check(CLASSES);
        }
    }

    @Test
    void everyClassBelongsToAModule() {
        assertThat(CLASSES)
                .extracting(JavaClass::getPackageName)
                .allMatch(name -> MAY_IMPORT.containsKey(name.split("\\.", -1)[2]));
    }

    @Test
    void packagesFormNoCycles() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlySqlImportsFlyway() {
        onlyIn(resideInAPackage(packages("sql")), "org.flywaydb..");
    }

    @Test
    void onlySchedulesImportsTheEmbeddedPostgres() {
        onlyIn(resideInAPackage(packages("schedules")), "io.zonky..");
    }

    @Test
    void onlyCommandLinesAndMainsImportPicocli() {
        onlyIn(
                resideInAPackage("..cli..")
                        .or(resideInAPackage(packages("schedules")))
                        .or(A_MAIN),
                "picocli..");
    }

    @Test
    void clocksAreInjected() {
        DescribedPredicate<JavaClass> reachesTheUser = resideInAPackage(packages("schedules.cli"));
        noClasses()
                .that(DescribedPredicate.not(A_MAIN.or(reachesTheUser)))
                .should()
                .accessTargetWhere(THE_TIME_OF_DAY)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Date.class)
                .check(CLASSES);
    }

    private static void onlyIn(DescribedPredicate<JavaClass> allowed, String library) {
        // Nobody using it any more would leave a rule over nothing.
        assertThat(CLASSES.stream()
                        .filter(allowed)
                        .flatMap(from -> from.getDirectDependenciesFromSelf().stream())
                        .filter(to -> resideInAPackage(library).test(to.getTargetClass())))
                .as("uses of %s", library)
                .isNotEmpty();
        noClasses()
                .that(DescribedPredicate.not(allowed))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(CLASSES);
    }

    private static DescribedPredicate<JavaClass> clock() {
        Set<String> names = Set.of(
                Instant.class.getName(),
                LocalDate.class.getName(),
                LocalDateTime.class.getName(),
                OffsetDateTime.class.getName(),
                ZonedDateTime.class.getName());
        return DescribedPredicate.describe("a java.time class", javaClass -> names.contains(javaClass.getName()));
    }

    /** {@code Instant.now(clock)} asks what was injected. */
    private static DescribedPredicate<JavaAccess<?>> withAClock() {
        return DescribedPredicate.describe(
                "with a clock",
                access -> access.getTarget() instanceof CodeUnitAccessTarget method
                        && method.getRawParameterTypes().stream().anyMatch(each -> each.isEquivalentTo(Clock.class)));
    }

    private static boolean isMain(JavaClass javaClass) {
        return javaClass.getEnclosingClass().map(ImportRulesTest::isMain).orElse(false)
                || javaClass.getSimpleName().endsWith("Main");
    }

    private static String packages(String module) {
        return ROOT + "." + module + "..";
    }
}
