package io.counterfoil.sql.invoice;

import java.util.Arrays;
import java.util.Locale;

/** What bears a number. */
public enum InvoiceKind {
    /** Bills a period; there is one of each. */
    INVOICE,
    /** Only mends what earlier ones billed: it bills no hours, which stay open. */
    ADJUSTMENT,
    /** Takes back what another one billed. */
    CREDIT;

    private final String text = name().toLowerCase(Locale.ROOT);

    public String text() {
        return text;
    }

    static InvoiceKind named(String text) {
        return Arrays.stream(values())
                .filter(each -> each.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("kind of invoice is '" + text + "'"));
    }
}
