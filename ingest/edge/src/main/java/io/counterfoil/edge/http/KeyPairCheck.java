package io.counterfoil.edge.http;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a certificate chain and a private key, both PEM, belong together: what one signs the other must verify. */
final class KeyPairCheck {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final byte[] TEXT = "counterfoil".getBytes(StandardCharsets.US_ASCII);

    private KeyPairCheck() {}

    /** @throws IllegalArgumentException where either is none, or they are of two pairs; never names any of the key */
    static void check(byte[] certificate, byte[] key) {
        Matcher pem = PKCS8.matcher(new String(key, StandardCharsets.US_ASCII));
        if (!pem.find()) {
            throw new IllegalArgumentException("the key file holds no '-----BEGIN PRIVATE KEY-----'");
        }
        try {
            PublicKey shown = CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(certificate))
                    .getPublicKey();
            PrivateKey hidden = KeyFactory.getInstance(shown.getAlgorithm())
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1))));
            Signature signature = Signature.getInstance(algorithm(shown));
            signature.initSign(hidden);
            signature.update(TEXT);
            byte[] signed = signature.sign();
            signature.initVerify(shown);
            signature.update(TEXT);
            if (!signature.verify(signed)) {
                throw new IllegalArgumentException("the key is not that of the certificate");
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
        }
    }

    private static String algorithm(PublicKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
    }
}
