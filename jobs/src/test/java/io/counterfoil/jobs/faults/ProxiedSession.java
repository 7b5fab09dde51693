package io.counterfoil.jobs.faults;

import io.counterfoil.jobs.faults.PostgresProxy.Point;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection through the {@link PostgresProxy}. Of PostgreSQL's protocol it knows how messages are framed, and where a statement's
 * text stands (PostgreSQL manual, "Frontend/Backend Protocol").
 */
final class ProxiedSession implements AutoCloseable {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;

    private final Socket driver;
    private final Socket server;
    private final PostgresProxy proxy;
    private final DataInputStream fromDriver;
    private final DataOutputStream toDriver;
    private final DataInputStream fromServer;
    private final DataOutputStream toServer;
    private boolean merging;
    /** Set before the COMMIT goes to the server, read when its reply comes back. */
    private volatile boolean committing;

    ProxiedSession(Socket driver, Socket server, PostgresProxy proxy) throws IOException {
        this.driver = driver;
        this.server = server;
        this.proxy = proxy;
        fromDriver = new DataInputStream(new BufferedInputStream(driver.getInputStream()));
        toDriver = new DataOutputStream(new BufferedOutputStream(driver.getOutputStream()));
        fromServer = new DataInputStream(new BufferedInputStream(server.getInputStream()));
        toServer = new DataOutputStream(new BufferedOutputStream(server.getOutputStream()));
    }

    /** Until one of the two ends it. */
    void serve() throws IOException {
        driver.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        startUp();
        PostgresProxy.daemon("replies", this::replies);
        while (true) {
            int type = fromDriver.read();
            if (type < 0) {
                return;
            }
            byte[] body = body(fromDriver);
            if (!passes(statement(type, body))) {
                return;
            }
            send(type, body, toServer, fromDriver);
        }
    }

    /** Messages without a type: requests to encrypt, which the tests' server answers with one byte that says no, then the start. */
    private void startUp() throws IOException {
        while (true) {
            byte[] body = body(fromDriver);
            toServer.writeInt(body.length + Integer.BYTES);
            toServer.write(body);
            toServer.flush();
            int code = java.nio.ByteBuffer.wrap(body).getInt();
            if (code != SSL_REQUEST && code != GSS_REQUEST) {
                return;
            }
            toDriver.write(fromServer.readByte());
            toDriver.flush();
        }
    }

    private boolean passes(String statement) {
        if (statement.contains("create_usage_partition")) {
            return proxy.passes(Point.BEFORE_MERGE);
        }
        if (statement.contains("insert into ledger")) {
            merging = true;
        } else if (merging && statement.equals("commit")) {
            merging = false;
            boolean passes = proxy.passes(Point.BEFORE_COMMIT);
            committing = true;
            return passes;
        }
        return true;
    }

    /** The text of a Query or a Parse message, whose first field is a name; empty for others. */
    private static String statement(int type, byte[] body) {
        if (type != 'Q' && type != 'P') {
            return "";
        }
        String text = new String(body, StandardCharsets.UTF_8);
        int begin = type == 'Q' ? 0 : text.indexOf('\0') + 1;
        return text.substring(begin, text.indexOf('\0', begin)).toLowerCase(Locale.ROOT);
    }

    private void replies() {
        try {
            while (true) {
                int type = fromServer.read();
                if (type < 0) {
                    // What the server said last is still to be read.
                    driver.shutdownOutput();
                    return;
                }
                byte[] body = body(fromServer);
                if (committing && type == 'C') {
                    committing = false;
                    if (!proxy.passes(Point.AFTER_COMMIT)) {
                        close();
                        return;
                    }
                }
                send(type, body, toDriver, fromServer);
            }
        } catch (IOException e) {
            close();
        }
    }

    private static byte[] body(DataInputStream in) throws IOException {
        int length = in.readInt() - Integer.BYTES;
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException();
        }
        return body;
    }

    private static void send(int type, byte[] body, DataOutputStream out, DataInputStream in) throws IOException {
        out.write(type);
        out.writeInt(body.length + Integer.BYTES);
        out.write(body);
        if (in.available() == 0) {
            out.flush();
        }
    }

    @Override
    public void close() {
        for (Socket socket : new Socket[] {driver, server}) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is gone, as it should be.
            }
        }
    }
}
