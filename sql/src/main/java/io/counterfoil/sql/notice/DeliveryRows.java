package io.counterfoil.sql.notice;

import io.counterfoil.sql.limits.UsageLimit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;

/** Rows of {@code notice/claim.sql}. */
final class DeliveryRows {
    private DeliveryRows() {}

    static Delivery read(ResultSet row, Instant claimedUntil) throws SQLException {
        return new Delivery(
                row.getLong("delivery_id"),
                row.getString("message_id"),
                row.getInt("attempts"),
                claimedUntil,
                row.getString("email") == null ? webhook(row) : new Target.Mailbox(row.getString("email")),
                notice(row));
    }

    private static Target webhook(ResultSet row) throws SQLException {
        return new Target.Webhook(
                row.getLong("endpoint_id"),
                row.getString("url"),
                new Target.Secret(
                        row.getObject("salt", UUID.class),
                        row.getInt("generation"),
                        Optional.ofNullable(row.getObject("former_until", OffsetDateTime.class))
                                .map(OffsetDateTime::toInstant)),
                Optional.ofNullable(row.getString("disabled_reason")));
    }

    private static Notice notice(ResultSet row) throws SQLException {
        return new Notice(
                new Notice.Whose(
                        row.getString("account"),
                        Optional.ofNullable(row.getString("external_id")),
                        Optional.ofNullable(row.getString("label"))),
                row.getString("plan"),
                new UsageLimit(
                        row.getLong("quota"),
                        row.getString("time_window"),
                        row.getString("measure"),
                        row.getString("action"),
                        row.getString("scope")),
                row.getInt("threshold"),
                row.getLong("used"),
                new Notice.Times(
                        instant(row, "window_start"),
                        instant(row, "resets_at"),
                        instant(row, "as_of"),
                        instant(row, "raised_at")));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
