package io.counterfoil.jobs.notify;

import io.counterfoil.sql.OperatorException;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * How notices are sent.
 *
 * @param key empty: webhooks wait
 * @param mail empty: mail waits
 * @param allowed addresses that webhooks may be sent to though they are not globally reachable, also by http
 * @param deadline of one send
 */
public record NotifySettings(
        Optional<WebhookKey> key, Optional<MailServer> mail, AddressRanges allowed, Duration deadline) {
    /** The environment's name for {@code --allow-address}, several separated by commas. */
    public static final String ALLOW_VARIABLE = "COUNTERFOIL_WEBHOOK_ALLOW";

    private static final Duration DEADLINE = Duration.ofSeconds(20);

    /**
     * As the environment has it, and what a command line adds.
     *
     * @param allow addresses and networks, beside the environment's
     * @param mailFrom before the environment's
     * @param homeKey where the environment has none
     * @throws OperatorException category INPUT where something is wrong; no message holds a secret
     */
    public static NotifySettings of(
            Map<String, String> environment,
            List<String> allow,
            Optional<String> mailFrom,
            Supplier<Optional<WebhookKey>> homeKey) {
        Optional<WebhookKey> key = value(environment, WebhookKey.VARIABLE)
                .map(text -> WebhookKey.parse(text, WebhookKey.VARIABLE))
                .or(homeKey);
        Optional<String> server = value(environment, MailServer.URL_VARIABLE);
        Optional<String> from = mailFrom.or(() -> value(environment, MailServer.FROM_VARIABLE));
        Stream<String> allowed = value(environment, ALLOW_VARIABLE).stream()
                .flatMap(text -> Arrays.stream(text.split(",", -1)).map(String::strip));
        return new NotifySettings(
                key,
                server.map(url -> MailServer.parse(url, from.orElse(""))),
                AddressRanges.parse(
                        "--allow-address or " + ALLOW_VARIABLE,
                        Stream.concat(allow.stream(), allowed).toList()),
                DEADLINE);
    }

    private static Optional<String> value(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(text -> !text.isBlank());
    }
}
