package io.counterfoil.edge.http;

import io.counterfoil.edge.config.ListenConfig;
import io.counterfoil.sql.OperatorException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** A certificate and its key, read from their files and found to belong together. */
public final class TlsOptions {
    private TlsOptions() {}

    /** @throws OperatorException category INPUT where the files are no chain and key, or the key is another certificate's */
    public static ServerSSLOptions read(ListenConfig.Tls files) {
        try {
            Buffer certificate = Buffer.buffer(Files.readAllBytes(files.certificate()));
            Buffer key = Buffer.buffer(Files.readAllBytes(files.key()));
            KeyPairCheck.check(certificate.getBytes(), key.getBytes());
            return new ServerSSLOptions()
                    .setKeyCertOptions(
                            new PemKeyCertOptions().setCertValue(certificate).setKeyValue(key))
                    .setUseAlpn(true)
                    .setApplicationLayerProtocols(List.of("h2", "http/1.1"));
        } catch (IOException | IllegalArgumentException e) {
            throw OperatorException.input("certificate " + files.certificate() + " with key " + files.key()
                    + " cannot be used: " + e.getMessage() + "; expected a PEM chain and its unencrypted PKCS#8 key");
        }
    }
}
