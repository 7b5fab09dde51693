package io.counterfoil.jobs.invoice;

import java.math.BigDecimal;

/**
 * What an invoice says, held against what was recomputed.
 *
 * @param what is compared, for people
 */
public record Check(String what, String onInvoice, String recomputed, boolean equal) {
    private static final String NONE = "none";

    static Check of(String what, BigDecimal onInvoice, BigDecimal recomputed) {
        return new Check(
                what, onInvoice.toPlainString(), recomputed.toPlainString(), onInvoice.compareTo(recomputed) == 0);
    }

    static Check of(String what, String onInvoice, String recomputed) {
        return new Check(what, onInvoice, recomputed, onInvoice.equals(recomputed));
    }

    /** Of what only the invoice has. */
    static Check notRecomputed(String what, BigDecimal onInvoice) {
        return new Check(what, onInvoice.toPlainString(), NONE, false);
    }

    /** Of what only the recomputation has. */
    static Check notOnInvoice(String what, BigDecimal recomputed) {
        return new Check(what, NONE, recomputed.toPlainString(), false);
    }

    /** For people. */
    public String text() {
        return what + " on the invoice " + onInvoice + ", recomputed " + recomputed + ": "
                + (equal ? "equal" : "NOT EQUAL");
    }
}
