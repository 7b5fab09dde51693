package io.counterfoil.jobs.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.standardwebhooks.Webhook;
import io.counterfoil.sql.notice.Target;
import org.junit.jupiter.api.Test;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Against the vectors of Standard Webhooks, its Java library, and HMAC as the JDK has it. */
final class WebhookSignatureTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:30:00Z");
    private static final String TEXT = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    private final WebhookKey key = WebhookKey.parse(TEXT, "the test");

    private static JsonNode vectors() throws IOException {
        try (InputStream in = WebhookSignatureTest.class.getResourceAsStream("standard-webhooks-vectors.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static byte[] secret(String text) {
        return Base64.getDecoder().decode(text.replace("whsec_", ""));
    }

    private static Target.Secret generation(int generation, Instant formerUntil) {
        return new Target.Secret(
                UUID.fromString("00000000-0000-0000-0000-000000000001"), generation, Optional.ofNullable(formerUntil));
    }

    @Test
    void signsAsTheVectorsDo() throws Exception {
        JsonNode cases = vectors().get("sign");
        assertThat(cases).isNotEmpty();
        for (JsonNode each : cases) {
            assertThat(WebhookSignature.of(
                            List.of(secret(each.get("secret").asText())),
                            each.get("id").asText(),
                            each.get("timestamp").asLong(),
                            each.get("payload").asText().getBytes(StandardCharsets.UTF_8)))
                    .isEqualTo(each.get("expected").asText());
        }
    }

    @Test
    void theLibrarysReceiverTakesWhatEitherSecretSignsDuringARotation() throws Exception {
        String former = key.text(generation(1, null));
        String newest = key.text(generation(2, NOW));
        byte[] body = "{\"ä\":1}".getBytes(StandardCharsets.UTF_8);
        String signature = WebhookSignature.of(
                key.signing(generation(2, NOW.plusSeconds(1)), NOW), "msg_1", NOW.getEpochSecond(), body);

        assertThat(signature.split(" ", -1)).hasSize(2);
        for (String receiver : List.of(former, newest)) {
            assertThat(signature.split(" ", -1))
                    .contains(new Webhook(receiver)
                            .sign("msg_1", NOW.getEpochSecond(), new String(body, StandardCharsets.UTF_8)));
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret(newest), "HmacSHA256"));
        byte[] signed = mac.doFinal(("msg_1." + NOW.getEpochSecond() + ".{\"ä\":1}").getBytes(StandardCharsets.UTF_8));
        assertThat(signature)
                .as("the newest first")
                .startsWith("v1," + Base64.getEncoder().encodeToString(signed) + " ");
        assertThat(key.signing(generation(2, NOW), NOW)).as("the grace ended").hasSize(1);
        assertThat(key.signing(generation(2, null), NOW)).hasSize(1);
    }

    @Test
    void secretsDifferByEndpointGenerationAndKey() {
        String other = key.text(new Target.Secret(UUID.randomUUID(), 1, Optional.empty()));
        String otherKey = WebhookKey.parse(WebhookKey.generate(), "the test").text(generation(1, null));

        assertThat(List.of(key.text(generation(1, null)), key.text(generation(2, null)), other, otherKey))
                .doesNotHaveDuplicates()
                .allSatisfy(text -> assertThat(secret(text)).hasSize(32));
        assertThat(key.text(generation(1, null))).as("derived, not drawn").isEqualTo(key.text(generation(1, null)));
    }

    @Test
    void aKeyIsNeverShown() {
        assertThat(key.toString()).isEqualTo("WebhookKey " + key.id()).doesNotContain("MDEy");
        for (String wrong :
                List.of("", "whsec_", "whsec_c2hvcnQ=", "not base64 of anything, but long enough to be it")) {
            assertThatThrownBy(() -> WebhookKey.parse(wrong, "COUNTERFOIL_WEBHOOK_KEY"))
                    .hasMessageContaining(
                            "the webhooks' key in COUNTERFOIL_WEBHOOK_KEY is " + wrong.length() + " characters")
                    .message()
                    .satisfies(
                            message -> assertThat(wrong.isEmpty() || !message.contains(wrong.replace("whsec_", "\0")))
                                    .isTrue());
        }
    }
}
