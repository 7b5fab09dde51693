package io.counterfoil.edge.admission;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.edge.snapshot.Flag;
import io.counterfoil.edge.snapshot.FlagAction;

import java.util.Objects;
import java.util.Optional;

/**
 * What was decided about a request's key.
 *
 * @param keyId 0 where there is no valid key
 * @param decision admitted, warned, refused or unauthorized
 * @param flag why, where warned or refused
 */
public record Admission(long keyId, long accountId, Decision decision, Optional<Flag> flag) {
    public static final Admission UNAUTHORIZED = new Admission(0, 0, Decision.UNAUTHORIZED, Optional.empty());

    public Admission {
        Objects.requireNonNull(decision, "decision");
    }

    static Admission admitted(long keyId) {
        return new Admission(keyId, 0, Decision.ADMITTED, Optional.empty());
    }

    static Admission flagged(long keyId, Flag flag) {
        if (flag.action() == FlagAction.NOTIFY) {
            return admitted(keyId);
        }
        Decision decision = flag.action() == FlagAction.REFUSE ? Decision.REFUSED : Decision.WARNED;
        return new Admission(keyId, 0, decision, Optional.of(flag));
    }

    public boolean allows(String scope) {
        return !scope.isEmpty();
    }
}
