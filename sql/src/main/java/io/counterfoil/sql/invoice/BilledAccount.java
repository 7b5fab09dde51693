package io.counterfoil.sql.invoice;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * Who is to be billed.
 *
 * @param timeZone in which its periods begin, an IANA name
 * @param taxName present where there is a tax, with its percent
 * @param held why nothing is finalised for it; empty: it is not held
 * @param buyer what an invoice keeps of it, a JSON object
 */
public record BilledAccount(
        long accountId,
        String name,
        String timeZone,
        Optional<String> taxName,
        Optional<BigDecimal> taxPercent,
        Optional<String> held,
        String buyer) {}
