package io.counterfoil.jobs.invoice;

import com.fasterxml.jackson.databind.JsonNode;
import io.counterfoil.sql.invoice.BilledAccount;
import io.counterfoil.sql.invoice.FinalInvoice;

import java.math.BigDecimal;
import java.util.Optional;

/** Whom a final invoice bills, as it was then. */
final class Buyers {
    private Buyers() {}

    static BilledAccount of(FinalInvoice invoice) {
        JsonNode buyer = FinalLines.detail(invoice.buyer());
        return new BilledAccount(
                invoice.of().accountId(),
                buyer.path("name").asText(),
                buyer.path("time_zone").asText("UTC"),
                Optional.ofNullable(buyer.get("tax_name")).map(JsonNode::asText),
                Optional.ofNullable(buyer.get("tax_percent"))
                        .map(JsonNode::asText)
                        .map(BigDecimal::new),
                Optional.empty(),
                invoice.buyer());
    }
}
