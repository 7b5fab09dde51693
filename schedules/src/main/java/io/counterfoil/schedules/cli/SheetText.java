package io.counterfoil.schedules.cli;

import io.counterfoil.jobs.export.SpreadsheetText;

import java.util.regex.Pattern;

/**
 * Texts in a CSV that people open in a spreadsheet and that we read again. Where one begins as a formula does ({@code = + - @} and their
 * full-width forms; behind blanks, apostrophes, or neither), at its beginning or behind a quote, comma, semicolon, bar, tab or line
 * break, one more apostrophe is written, and one less read; so it is before a leading tab or line break. What is read is what was
 * written.
 */
final class SheetText {
    private static final String BEGIN = "(?<=(?:^|[\",;|\\t\\r\\n]))";
    private static final String FORMULA = "[" + SpreadsheetText.BLANKS + "']*[-" + SpreadsheetText.SIGNS + "]";
    private static final String BREAK = "'*[\\t\\r\\n]";

    private static final Pattern UNSAFE = Pattern.compile(BEGIN + "(?=" + FORMULA + ")|^(?=" + BREAK + ")");
    private static final Pattern SAFE = Pattern.compile(BEGIN + "'(?=" + FORMULA + ")|^'(?=" + BREAK + ")");

    private SheetText() {}

    static String written(String text) {
        return UNSAFE.matcher(text).replaceAll("'");
    }

    static String read(String cell) {
        return SAFE.matcher(cell).replaceAll("");
    }
}
