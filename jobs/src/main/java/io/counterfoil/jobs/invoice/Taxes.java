package io.counterfoil.jobs.invoice;

import io.counterfoil.jobs.rating.Percent;
import io.counterfoil.jobs.rating.Tax;
import io.counterfoil.sql.invoice.BilledAccount;

import java.util.Optional;

/** An account's tax. */
final class Taxes {
    private Taxes() {}

    static Optional<Tax> of(BilledAccount account) {
        return account.taxName()
                .flatMap(name -> account.taxPercent().map(percent -> new Tax(name, new Percent(percent))));
    }
}
