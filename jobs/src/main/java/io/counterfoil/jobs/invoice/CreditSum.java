package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.rating.Percent;
import io.counterfoil.jobs.rating.Ratio;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * What a credit takes back.
 *
 * @param net above 0
 * @param exactTax before rounding
 * @param tax 0 or more
 */
record CreditSum(BigDecimal net, Ratio exactTax, BigDecimal tax) {
    /**
     * All that is left, or a part of it with its tax, rounded half up; of the tax never more than is left, where parts round up.
     *
     * @param leftNet of the invoice and its credits so far
     * @param percent the invoice's
     */
    static CreditSum of(BigDecimal net, BigDecimal leftNet, BigDecimal leftTax, Optional<Percent> percent) {
        if (net.compareTo(leftNet) == 0) {
            return new CreditSum(leftNet, Ratio.of(leftTax), leftTax);
        }
        Ratio exact = percent.map(each -> each.of(net)).orElse(Ratio.ZERO);
        return new CreditSum(net, exact, exact.rounded(leftTax.scale()).min(leftTax));
    }
}
