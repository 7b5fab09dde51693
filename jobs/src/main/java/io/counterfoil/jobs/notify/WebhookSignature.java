package io.counterfoil.jobs.notify;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** The {@code webhook-signature} field of Standard Webhooks 1.0.0: {@code v1,} and base64, one a secret, separated by spaces. */
final class WebhookSignature {
    private WebhookSignature() {}

    static String of(List<byte[]> secrets, String id, long timestamp, byte[] body) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        signed.writeBytes(body);
        return secrets.stream()
                .map(secret -> "v1," + Base64.getEncoder().encodeToString(WebhookKey.mac(secret, signed.toByteArray())))
                .collect(Collectors.joining(" "));
    }
}
