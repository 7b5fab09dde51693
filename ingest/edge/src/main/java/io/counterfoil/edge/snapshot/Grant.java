package io.counterfoil.edge.snapshot;

/**
 * What a key may do, which many keys have in common.
 *
 * @param planId 0 where it has no plan
 */
record Grant(long planId, ScopeSet scopes) {
    static final Grant NONE = new Grant(0, ScopeSet.NONE);
}
