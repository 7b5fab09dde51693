package io.counterfoil.jobs.notify;

import io.counterfoil.sql.notice.Delivery;
import io.counterfoil.sql.notice.Target;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;

import java.time.Duration;
import java.util.Optional;
import java.util.Properties;

/** Sends a notice by mail, once: it arrived when the server took it. Each step at the server has the deadline. Thread-safe. */
final class MailSender {
    private static final int TAKEN = 250;

    private final MailServer server;
    private final Session session;
    private final String protocol;

    MailSender(MailServer server, Duration deadline) {
        this.server = server;
        this.protocol = server.security() == MailServer.Security.TLS ? "smtps" : "smtp";
        this.session = Session.getInstance(properties(deadline));
    }

    private Properties properties(Duration deadline) {
        Properties properties = new Properties();
        String prefix = "mail." + protocol + ".";
        for (String timeout : new String[] {"connectiontimeout", "writetimeout"}) {
            properties.setProperty(prefix + timeout, Long.toString(deadline.toMillis()));
        }
        // A server may look through a mail before it says that it has it (RFC 5321, 4.5.3.2.6).
        properties.setProperty(prefix + "timeout", Long.toString(3 * deadline.toMillis()));
        properties.setProperty(prefix + "quitwait", "false");
        properties.setProperty(prefix + "ssl.checkserveridentity", "true");
        properties.setProperty(prefix + "auth", Boolean.toString(server.login().isPresent()));
        properties.setProperty(
                prefix + "starttls.enable", Boolean.toString(server.security() != MailServer.Security.NONE));
        properties.setProperty(
                prefix + "starttls.required",
                Boolean.toString(server.security() == MailServer.Security.STARTTLS_REQUIRED));
        // What the name of this machine is, is nobody's business and may take a lookup.
        properties.setProperty(
                prefix + "localhost", server.from().substring(server.from().lastIndexOf('@') + 1));
        return properties;
    }

    Outcome send(Delivery delivery, Target.Mailbox to) {
        try {
            Transport transport = session.getTransport(protocol);
            try {
                NoticeMail mail =
                        new NoticeMail(session, delivery.messageId(), server.from(), to.address(), delivery.notice());
                transport.connect(
                        server.host(),
                        server.port(),
                        server.login().map(MailServer.Login::user).orElse(null),
                        server.login().map(MailServer.Login::password).orElse(null));
                transport.sendMessage(mail, mail.getAllRecipients());
                return Outcome.delivered(TAKEN);
            } finally {
                leave(transport);
            }
        } catch (MessagingException e) {
            return Outcome.failed(status(e), "mail server: " + innermost(e).getMessage());
        }
    }

    /** What the server took it has, however it parts. */
    private static void leave(Transport transport) {
        try {
            transport.close();
        } catch (MessagingException e) {
            return;
        }
    }

    private static Optional<Integer> status(Exception failure) {
        Exception inner = innermost(failure);
        if (inner instanceof SMTPAddressFailedException address) {
            return Optional.of(address.getReturnCode());
        }
        return inner instanceof SMTPSendFailedException refused
                ? Optional.of(refused.getReturnCode())
                : Optional.empty();
    }

    /** Around what the server said there is only that something was said. */
    private static Exception innermost(Exception failure) {
        Exception inner = failure;
        while (inner instanceof SendFailedException outer && outer.getNextException() != null) {
            inner = outer.getNextException();
        }
        return inner;
    }
}
