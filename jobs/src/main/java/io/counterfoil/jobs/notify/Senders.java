package io.counterfoil.jobs.notify;

import io.counterfoil.sql.notice.Delivery;
import io.counterfoil.sql.notice.NoticeStore;
import io.counterfoil.sql.notice.Target;

import javax.net.ssl.SSLContext;
import java.net.InetAddress;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Optional;

/** What can be sent with these settings, each target in its own way. */
record Senders(Optional<WebhookSender> webhooks, Optional<MailSender> mails, NoticeStore.Means means)
        implements AutoCloseable {
    static Senders of(NotifySettings settings, InstantSource clock) {
        AddressGuard guard = new AddressGuard(settings.allowed(), InetAddress::getAllByName);
        return new Senders(
                settings.key().map(key -> new WebhookSender(key, guard, tls(), settings.deadline(), clock)),
                settings.mail().map(server -> new MailSender(server, settings.deadline())),
                new NoticeStore.Means(
                        settings.mail().isPresent(), settings.key().map(WebhookKey::id)));
    }

    private static SSLContext tls() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no TLS, which every Java has", e);
        }
    }

    /** Sends it once, never throws: what nobody foresaw is a failed attempt too, or one notice would keep back all others. */
    Outcome send(Delivery delivery) {
        try {
            return delivery.target() instanceof Target.Webhook webhook
                    ? webhooks.orElseThrow().send(delivery, webhook)
                    : mails.orElseThrow().send(delivery, (Target.Mailbox) delivery.target());
        } catch (RuntimeException e) {
            return Outcome.failed("defect in the sender: " + e);
        }
    }

    @Override
    public void close() {
        webhooks.ifPresent(WebhookSender::close);
    }
}
