package io.counterfoil.jobs.export;

import java.util.regex.Pattern;

/**
 * Texts that no spreadsheet takes for a formula (OWASP, CSV injection): an apostrophe stands before what would begin one, at the
 * beginning of a cell, and behind a quote or delimiter within it, where a program that splits cells otherwise would see one begin.
 * A lone dash, our word for "none", stays.
 */
public final class SpreadsheetText {
    /** What an apostrophe goes before. Java and PostgreSQL, which does it for rows of usage, read it alike. */
    static final String FORMULA = "(?<=(^|[\"',;|\\t\\r\\n]) {0,9})([=+@\uFF0B\uFF0D\uFF1D\uFF20]|-(?=.))|^[\\t\\r\\n]";

    private static final Pattern PATTERN = Pattern.compile(FORMULA, Pattern.DOTALL);

    private SpreadsheetText() {}

    public static String safe(String text) {
        return PATTERN.matcher(text).replaceAll("'$0");
    }
}
