package io.counterfoil.edge.admission;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.edge.snapshot.FlagAction;
import io.counterfoil.edge.snapshot.ScopeSet;
import io.counterfoil.edge.snapshot.Standing;

import java.util.Objects;

/**
 * What was decided about a request's key.
 *
 * @param keyId 0 where there is no valid key
 * @param accountId whose key it is; 0 where there is none
 * @param decision admitted, warned, refused or unauthorized
 * @param standing towards the key's limits; why, where warned or refused
 * @param scopes of the key; what a route asks for beyond a valid key
 */
public record Admission(long keyId, long accountId, Decision decision, Standing standing, ScopeSet scopes) {
    public static final Admission UNAUTHORIZED =
            new Admission(0, 0, Decision.UNAUTHORIZED, Standing.NONE, ScopeSet.NONE);

    public Admission {
        Objects.requireNonNull(decision, "decision");
    }

    static Admission of(long keyId, long accountId, Standing standing, ScopeSet scopes) {
        FlagAction action = standing.over().map(over -> over.limit().action()).orElse(FlagAction.NOTIFY);
        Decision decision = switch (action) {
            case REFUSE -> Decision.REFUSED;
            case WARN -> Decision.WARNED;
            case NOTIFY -> Decision.ADMITTED;
        };
        return new Admission(keyId, accountId, decision, standing, scopes);
    }

    /** Whether the key has that scope. A key without scopes may call only routes that ask for none. */
    public boolean allows(String scope) {
        return scopes.contains(scope);
    }
}
