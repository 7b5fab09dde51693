package io.counterfoil.sql.account;

import io.counterfoil.sql.OperatorException;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/** Who sells: what invoices show. */
public final class SellerStore {
    private final Jdbi jdbi;

    public SellerStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** The seller. */
    public record Seller(String name, Optional<String> address, Optional<String> taxId, Optional<String> email) {
        /** @throws OperatorException category INPUT where a text is none of its kind */
        public Seller {
            check(AccountField.LEGAL_NAME, "name", Optional.of(name));
            check(AccountField.ADDRESS, "address", address);
            check(AccountField.TAX_ID, "tax id", taxId);
            check(AccountField.BILLING_EMAIL, "email", email);
        }

        private static void check(AccountField like, String what, Optional<String> value) {
            value.filter(text -> !like.takes(text)).ifPresent(text -> {
                throw OperatorException.input(
                        "the seller's " + what + " is '" + text + "', expected " + like.expected());
            });
        }
    }

    public Optional<Seller> find() {
        return jdbi.withHandle(handle -> handle.createQuery("select name, address, tax_id, email from seller")
                .map((row, context) -> new Seller(
                        row.getString("name"),
                        Optional.ofNullable(row.getString("address")),
                        Optional.ofNullable(row.getString("tax_id")),
                        Optional.ofNullable(row.getString("email"))))
                .findOne());
    }

    /** In place of what there was. Final invoices keep what it was then. */
    public void save(Seller seller, Instant now) {
        jdbi.useHandle(handle -> handle.createUpdate("insert into seller (name, address, tax_id, email, updated_at)"
                        + " values (:name, :address, :taxId, :email, :now) on conflict (only_row) do update set"
                        + " (name, address, tax_id, email, updated_at)"
                        + " = (excluded.name, excluded.address, excluded.tax_id, excluded.email, excluded.updated_at)")
                .bind("name", seller.name())
                .bind("address", seller.address())
                .bind("taxId", seller.taxId())
                .bind("email", seller.email())
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .execute());
    }
}
