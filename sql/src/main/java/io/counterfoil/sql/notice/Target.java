package io.counterfoil.sql.notice;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Where a notice goes. */
public sealed interface Target {
    /** Of an endpoint's signing secret, what the database has: it is derived of these and of a key that is elsewhere. */
    record Secret(UUID salt, int generation, Optional<Instant> formerUntil) {}

    /**
     * An account's receiver of webhooks.
     *
     * @param disabled why nothing is sent there any more
     */
    record Webhook(long endpoint, String url, Secret secret, Optional<String> disabled) implements Target {}

    /** A mail address. */
    record Mailbox(String address) implements Target {}
}
