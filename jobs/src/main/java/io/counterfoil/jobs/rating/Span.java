package io.counterfoil.jobs.rating;

/**
 * What is to be priced: the billed quantity from where the tiers stood to where they stand now, in the charge's {@code per}.
 *
 * @param fresh that nothing was priced before: not even the first tier was entered
 */
record Span(Ratio from, Ratio to, boolean fresh) {
    Span {
        if (from.signum() < 0 || to.compareTo(from) < 0) {
            throw new IllegalArgumentException(
                    "span from " + from.text() + " to " + to.text() + ", expected 0 <= from <= to");
        }
    }

    Ratio length() {
        return to.minus(from);
    }
}
