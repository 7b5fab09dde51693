package io.counterfoil.schedules.cli;

import io.counterfoil.sql.OperatorException;
import picocli.CommandLine.Option;

import java.time.DateTimeException;
import java.time.YearMonth;

/** Of which month: of the periods that begin in it, each in its account's zone. */
final class PeriodOption {
    @Option(
            names = "--period",
            required = true,
            paramLabel = "MONTH",
            description = "As 2026-10: billing periods that begin in it, each in its account's time zone.")
    private String period = "";

    /** @throws OperatorException category INPUT where it is none */
    YearMonth month() {
        try {
            return YearMonth.parse(period);
        } catch (DateTimeException e) {
            throw OperatorException.input("--period is '" + period + "', expected a month as 2026-10");
        }
    }
}
