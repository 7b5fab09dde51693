package io.counterfoil.sql;

import org.jdbi.v3.core.Jdbi;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

import javax.sql.DataSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How every module reaches Postgres. */
public final class DatabaseAccess {
    /** What an operator sets; also true of an edge, which has no such option. */
    static final String SETTING = "COUNTERFOIL_DATABASE_URL, or --database where a command was given it";

    private static final String HOST = "(?:\\[[0-9A-Fa-f:.%]*]|[^/?@:,\\[\\]]*)(?::\\d{1,5})?";
    private static final String NAME = "[^/?@:]*";

    /**
     * What the driver gets to see: about another URL it logs a warning that may hold a password, as that of {@code USER:PASSWORD@},
     * which it does not know.
     */
    private static final Pattern URL = Pattern.compile(
            "jdbc:postgresql:(?://" + HOST + "(?:," + HOST + ")*(?:/" + NAME + ")?|/?" + NAME + ")(?:\\?.*)?");

    private static final Pattern SCHEME = Pattern.compile("(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]*:(?=//)|jdbc:[a-z]+:");
    private static final String SESSION = "-c idle_in_transaction_session_timeout=30s -c tcp_keepalives_idle=20"
            + " -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";
    private static final int CONNECT_SECONDS = 10;
    private static final int LOGIN_SECONDS = 15;

    private DatabaseAccess() {}

    /**
     * A source of plain connections, each its own socket; it holds none open.
     *
     * <p>Sessions end idle transactions after 30 s and notice a dead peer: a frozen driver must not block the next one's ledger
     * insert for ever. What the URL's {@code options} say goes before that.
     *
     * @param jdbcUrl {@code jdbc:postgresql://host:port/database?user=…&password=…}
     * @throws OperatorException category INPUT where the URL is not of that form; the message holds its scheme only, since a
     *     password may stand anywhere behind it
     */
    public static DataSource dataSource(String jdbcUrl) {
        if (!URL.matcher(jdbcUrl).matches() || Driver.parseURL(jdbcUrl, null) == null) {
            Matcher scheme = SCHEME.matcher(jdbcUrl);
            throw OperatorException.input("database URL is '" + (scheme.lookingAt() ? scheme.group() : "") + "…"
                    + "', expected jdbc:postgresql://HOST:PORT/DATABASE?user=…&password=…; set " + SETTING);
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(jdbcUrl);
        source.setConnectTimeout(CONNECT_SECONDS);
        source.setTcpKeepAlive(true);
        source.setApplicationName("counterfoil");
        String given = source.getOptions();
        source.setOptions(SESSION + (given == null ? "" : " " + given));
        source.setLoginTimeout(LOGIN_SECONDS);
        return source;
    }

    /**
     * As {@link #dataSource(String)}, for who cannot wait: a server that says nothing for so long is gone, however its host went.
     *
     * @param silence between two bytes of an answer
     */
    public static DataSource dataSource(String jdbcUrl, Duration silence) {
        PGSimpleDataSource source = (PGSimpleDataSource) dataSource(jdbcUrl);
        source.setSocketTimeout((int) Math.max(1, silence.toSeconds()));
        return source;
    }

    /** What an operator is told where a connection fails. */
    public static OperatorException unreachable(SQLException e) {
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
        return OperatorException.down(
                "database cannot be reached: " + reason.replaceAll("\\.$", "") + "; check " + SETTING
                        + ", and that the server runs",
                e);
    }

    public static Jdbi jdbi(DataSource source) {
        return Jdbi.create(source);
    }
}
