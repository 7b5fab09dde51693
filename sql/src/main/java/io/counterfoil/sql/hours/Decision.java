package io.counterfoil.sql.hours;

import io.counterfoil.sql.OperatorException;
import org.jdbi.v3.core.Handle;

import java.time.Instant;
import java.util.Optional;

/**
 * Who decides something about completeness, and why. Kept for good.
 *
 * @param at when
 */
public record Decision(String actor, String reason, Instant at) {
    /** @throws OperatorException category INPUT where actor or reason is blank */
    public Decision {
        if (actor.isBlank()) {
            throw OperatorException.input("actor is empty, expected who decides; name it with --actor");
        }
        if (reason.isBlank()) {
            throw OperatorException.input("reason is empty, expected why; give it with --reason");
        }
    }

    void record(Handle handle, String decision, String name, Optional<String> epoch, Optional<Instant> of) {
        handle.createUpdate("insert into completeness_decision (decided_at, actor, decision, name, epoch, at, reason)"
                        + " values (:decided_at, :actor, :decision, :name, :epoch, :at, :reason)")
                .bind("decided_at", Completeness.utc(at))
                .bind("actor", actor)
                .bind("decision", decision)
                .bind("name", name)
                .bind("epoch", epoch.orElse(null))
                .bind("at", of.map(Completeness::utc).orElse(null))
                .bind("reason", reason)
                .execute();
    }
}
