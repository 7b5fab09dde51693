package io.counterfoil.jobs.export;

import java.util.regex.Pattern;

/**
 * Texts that no spreadsheet takes for a formula (OWASP, CSV injection): an apostrophe stands at the beginning of a cell that would be
 * one, behind blanks or not, and behind a quote or delimiter within it, where a program that splits cells otherwise would see one begin.
 * A lone dash, our word for "none", stays.
 */
public final class SpreadsheetText {
    /** What a formula begins with, for within brackets of a regular expression, without the dash; full-width forms too. */
    public static final String SIGNS = "=+@\uFF0B\uFF0D\uFF1D\uFF20";

    /** What some program takes away before it looks, for within brackets; themselves, since engines' classes differ. */
    public static final String BLANKS =
            " \u000B\f\u001C-\u001F\u0085\u00A0\u1680\u180E\u2000-\u200D\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF";

    /** Where an apostrophe goes. Java and PostgreSQL, which does it for rows of usage, read it alike. */
    static final String FORMULA =
            "(?<=(^|[\"',;|\\t\\r\\n]))(?=[" + BLANKS + "]*([" + SIGNS + "]|-.))|^(?=[\\t\\r\\n])";

    private static final Pattern PATTERN = Pattern.compile(FORMULA, Pattern.DOTALL);

    private SpreadsheetText() {}

    public static String safe(String text) {
        return PATTERN.matcher(text).replaceAll("'");
    }
}
