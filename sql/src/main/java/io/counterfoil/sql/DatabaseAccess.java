package io.counterfoil.sql;

import org.jdbi.v3.core.Jdbi;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

import javax.sql.DataSource;

/** How every module reaches Postgres. */
public final class DatabaseAccess {
    private static final int CONNECT_SECONDS = 10;
    private static final int LOGIN_SECONDS = 15;

    private DatabaseAccess() {}

    /**
     * A source of plain connections, each its own socket; it holds none open.
     *
     * <p>Sessions end idle transactions after 30 s and notice a dead peer: a frozen driver must not block the next one's ledger
     * insert for ever.
     *
     * @param jdbcUrl {@code jdbc:postgresql://host:port/database?user=…&password=…}
     * @throws OperatorException category INPUT where the URL is not of that form; the message never holds the URL's password
     */
    public static DataSource dataSource(String jdbcUrl) {
        if (!jdbcUrl.startsWith("jdbc:postgresql:") || Driver.parseURL(jdbcUrl, null) == null) {
            String shown = jdbcUrl.replaceAll("\\?.*|//[^/]*@", "…");
            throw OperatorException.input("database URL is '" + shown
                    + "', expected jdbc:postgresql://HOST:PORT/DATABASE?user=…&password=…; set --database or"
                    + " COUNTERFOIL_DATABASE_URL");
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(jdbcUrl);
        source.setConnectTimeout(CONNECT_SECONDS);
        source.setTcpKeepAlive(true);
        source.setApplicationName("counterfoil");
        source.setOptions("-c idle_in_transaction_session_timeout=30s -c tcp_keepalives_idle=20"
                + " -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3");
        source.setLoginTimeout(LOGIN_SECONDS);
        return source;
    }

    public static Jdbi jdbi(DataSource source) {
        return Jdbi.create(source);
    }
}
