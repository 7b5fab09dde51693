package io.counterfoil.jobs.invoice;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterfoil.jobs.rating.Adjustment;
import io.counterfoil.jobs.rating.RatedLine;
import io.counterfoil.jobs.rating.RatedPeriod;
import io.counterfoil.sql.invoice.AdjustableInvoice;
import io.counterfoil.sql.invoice.InvoiceLine;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * What an earlier period costs now, less what was invoiced for it.
 *
 * @param net of the period, rated anew
 */
record Adjusted(AdjustableInvoice invoice, BigDecimal net, Adjustment adjustment) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Adjusted of(AdjustableInvoice invoice, RatedPeriod again) {
        return new Adjusted(
                invoice,
                again.net(),
                new Adjustment(
                        "adjustment of invoice " + invoice.number() + ", usage that was counted later",
                        amount(again.net(), invoice.invoiced(), invoice.credited())));
    }

    /**
     * The period's amount less what was invoiced for it. What was credited is not billed again; and no more goes back than credits have left
     * of it: by volume prices more usage may cost less.
     */
    static BigDecimal amount(BigDecimal net, BigDecimal invoiced, BigDecimal credited) {
        BigDecimal left = invoiced.subtract(credited).max(BigDecimal.ZERO);
        return net.subtract(invoiced).max(left.negate()).setScale(net.scale());
    }

    InvoiceLine line() {
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        detail.put("invoice", invoice.number());
        detail.put("rated", net.toPlainString())
                .put("invoiced", invoice.invoiced().toPlainString());
        if (invoice.credited().signum() != 0) {
            detail.put("credited", invoice.credited().toPlainString());
        }
        try {
            detail.set("added", JSON.readTree(invoice.hours()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Postgres gave no JSON", e);
        }
        return new InvoiceLine(
                RatedLine.Kind.ADJUSTMENT.text(),
                adjustment.name(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new InvoiceLine.Hours(invoice.of().from(), invoice.to())),
                Optional.empty(),
                Optional.of(invoice.number()),
                detail.toString(),
                adjustment.amount());
    }
}
