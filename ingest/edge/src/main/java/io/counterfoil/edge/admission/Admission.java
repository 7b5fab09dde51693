package io.counterfoil.edge.admission;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.edge.snapshot.Flag;
import io.counterfoil.edge.snapshot.FlagAction;
import io.counterfoil.edge.snapshot.ScopeSet;

import java.util.Objects;
import java.util.Optional;

/**
 * What was decided about a request's key.
 *
 * @param keyId 0 where there is no valid key
 * @param accountId whose key it is; 0 where there is none
 * @param decision admitted, warned, refused or unauthorized
 * @param flag why, where warned or refused
 * @param scopes of the key; what a route asks for beyond a valid key
 */
public record Admission(long keyId, long accountId, Decision decision, Optional<Flag> flag, ScopeSet scopes) {
    public static final Admission UNAUTHORIZED =
            new Admission(0, 0, Decision.UNAUTHORIZED, Optional.empty(), ScopeSet.NONE);

    public Admission {
        Objects.requireNonNull(decision, "decision");
    }

    static Admission admitted(long keyId, long accountId, ScopeSet scopes) {
        return new Admission(keyId, accountId, Decision.ADMITTED, Optional.empty(), scopes);
    }

    static Admission flagged(long keyId, long accountId, ScopeSet scopes, Flag flag) {
        if (flag.action() == FlagAction.NOTIFY) {
            return admitted(keyId, accountId, scopes);
        }
        Decision decision = flag.action() == FlagAction.REFUSE ? Decision.REFUSED : Decision.WARNED;
        return new Admission(keyId, accountId, decision, Optional.of(flag), scopes);
    }

    /** Whether the key has that scope. A key without scopes may call only routes that ask for none. */
    public boolean allows(String scope) {
        return scopes.contains(scope);
    }
}
