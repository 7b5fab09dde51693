package io.counterfoil.schedules.cli;

import java.util.regex.Pattern;

/**
 * Texts in a CSV that people open in a spreadsheet and that we read again. One that begins as a formula does ({@code = + - @}, tab,
 * carriage return), behind apostrophes or not, is written with one more apostrophe before it, and read with one less: what is read is
 * what was written.
 */
final class SheetText {
    private static final Pattern FORMULA = Pattern.compile("'*[=+\\-@\\t\\r].*", Pattern.DOTALL);

    private SheetText() {}

    static String written(String text) {
        return FORMULA.matcher(text).matches() ? "'" + text : text;
    }

    static String read(String cell) {
        return cell.startsWith("'") && FORMULA.matcher(cell).matches() ? cell.substring(1) : cell;
    }
}
