package io.counterfoil.sql.account;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What can be said of an account beside its name; each by its text, as a file or the command line gives it. */
public enum AccountField {
    EXTERNAL_ID(Kind.LINE),
    LEGAL_NAME(Kind.LINE),
    ADDRESS(Kind.LINES),
    TAX_ID(Kind.LINE),
    BILLING_EMAIL(Kind.MAIL),
    /** Of zones whose offsets are whole hours, which is for the caller to check; none: UTC. */
    TIME_ZONE(Kind.LINE),
    /** What invoices call the tax. */
    TAX_NAME(Kind.LINE),
    TAX_PERCENT(Kind.PERCENT),
    /** Percents with blanks between; none: as its plan says. */
    THRESHOLDS(Kind.PERCENTS),
    NOTICE_EMAIL(Kind.MAIL);

    private enum Kind {
        LINE("1 to 200 characters, none of them a control character"),
        LINES("1 to 1000 characters, in lines"),
        MAIL("an address as billing@example.com"),
        PERCENT("0 to 100 with up to 4 decimals, as 19 or 7.5"),
        PERCENTS("1 to 10 percents from 1 to 1000, ascending, with blanks between, as '80 100'");

        private final String expected;

        Kind(String expected) {
            this.expected = expected;
        }
    }

    private final Kind kind;
    private final String text = name().toLowerCase(Locale.ROOT);

    AccountField(Kind kind) {
        this.kind = kind;
    }

    /** A file's column: {@code legal_name}. */
    public String text() {
        return text;
    }

    public static Optional<AccountField> named(String text) {
        return Arrays.stream(values()).filter(each -> each.text.equals(text)).findFirst();
    }

    /** Whether the text may stand there. */
    public boolean takes(String value) {
        return switch (kind) {
            case LINE -> line(value);
            case LINES -> lines(value);
            case MAIL -> AccountStore.isMail(value);
            case PERCENT -> percent(value);
            case PERCENTS -> percents(value);
        };
    }

    /** For messages: what may. */
    public String expected() {
        return kind.expected;
    }

    private static boolean line(String value) {
        return !value.isBlank() && value.length() <= 200 && value.chars().noneMatch(Character::isISOControl);
    }

    private static boolean lines(String value) {
        return !value.isBlank()
                && value.length() <= 1000
                && value.chars().noneMatch(each -> Character.isISOControl(each) && each != '\n');
    }

    private static boolean percent(String value) {
        return value.matches("[0-9]{1,3}(\\.[0-9]{1,4})?")
                && new BigDecimal(value).compareTo(BigDecimal.valueOf(100)) <= 0;
    }

    private static boolean percents(String value) {
        if (!value.matches("[0-9]{1,4}( [0-9]{1,4}){0,9}")) {
            return false;
        }
        List<Integer> percents =
                Arrays.stream(value.split(" ", -1)).map(Integer::valueOf).toList();
        return percents.equals(percents.stream().sorted().distinct().toList())
                && percents.get(0) >= 1
                && percents.get(percents.size() - 1) <= 1000;
    }
}
