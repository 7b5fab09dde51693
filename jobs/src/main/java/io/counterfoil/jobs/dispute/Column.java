package io.counterfoil.jobs.dispute;

import java.util.Locale;

/** The file's columns; which of them a row fills says its kind. */
enum Column {
    ROW(false),
    LINE(false),
    NAME(true),
    PLAN(true),
    KEY(true),
    HOUR(false),
    UNTIL(false),
    MEASURE(false),
    QUANTITY(false),
    COUNTED_LATER(false),
    FOUND(false),
    DIFFERENCE(false),
    RESULT(false),
    PER(false),
    PRICE(false),
    FEE(false),
    AMOUNT(false),
    CURRENCY(false),
    TIME(false),
    METHOD(true),
    ROUTE(true),
    STATUS(false),
    DECISION(false),
    OUTCOME(false),
    BILLED_BY(false),
    COUNTED(false),
    UNITS(false),
    BYTES_IN(false),
    BYTES_OUT(false),
    DURATION_US(false),
    REQUEST_ID(true),
    CLIENT(true),
    PATH(true),
    SEGMENT(true),
    SEQ(false);

    private final boolean text;

    Column(boolean text) {
        this.text = text;
    }

    /** Whether its values are texts of others, which a spreadsheet could take for formulas; not numbers, times and words of ours. */
    boolean isText() {
        return text;
    }

    String head() {
        return name().toLowerCase(Locale.ROOT);
    }
}
