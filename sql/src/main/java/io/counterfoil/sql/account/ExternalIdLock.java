package io.counterfoil.sql.account;

import org.jdbi.v3.core.Handle;

/**
 * Keeps those apart who make keys and who change accounts' external ids under control_version. A new key holds its account's row by its
 * foreign key and then waits for control_version; another external id, which is unique, waits for that row. Taken before either, until
 * the transaction ends. Those who hold control_version and then name the account never take it.
 */
final class ExternalIdLock {
    private static final String NAME = "hashtextextended('counterfoil external ids of accounts', 0)";

    private ExternalIdLock() {}

    /** Beside others who make keys. */
    static void share(Handle handle) {
        take(handle, "pg_advisory_xact_lock_shared");
    }

    /** Alone. */
    static void take(Handle handle) {
        take(handle, "pg_advisory_xact_lock");
    }

    private static void take(Handle handle, String function) {
        handle.createQuery("select 1 from " + function + "(" + NAME + ")")
                .mapTo(Integer.class)
                .one();
    }
}
