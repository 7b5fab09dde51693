package io.counterfoil.jobs.dispute;

import java.util.Locale;

/** The file's columns; which of them a row fills says its kind. */
enum Column {
    ROW(true),
    LINE(false),
    NAME(true),
    PLAN(true),
    KEY(true),
    HOUR(true),
    UNTIL(true),
    MEASURE(true),
    QUANTITY(false),
    COUNTED_LATER(false),
    FOUND(false),
    DIFFERENCE(false),
    RESULT(true),
    PER(false),
    PRICE(false),
    FEE(false),
    AMOUNT(false),
    CURRENCY(true),
    TIME(true),
    METHOD(true),
    ROUTE(true),
    STATUS(false),
    DECISION(true),
    OUTCOME(true),
    BILLED_BY(true),
    COUNTED(true),
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

    /** Whether its values are texts, which a spreadsheet could take for formulas. */
    boolean isText() {
        return text;
    }

    String head() {
        return name().toLowerCase(Locale.ROOT);
    }
}
