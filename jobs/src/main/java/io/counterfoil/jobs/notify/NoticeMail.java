package io.counterfoil.jobs.notify;

import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.notice.Notice;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;

import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A notice as a plain text mail. The same notice gives the same mail at every attempt. */
final class NoticeMail extends MimeMessage {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final String id;

    /** @param id of the delivery: what a repeat is known by */
    NoticeMail(Session session, String id, String from, String to, Notice notice) throws MessagingException {
        super(session);
        this.id = "<" + id + from.substring(from.lastIndexOf('@')) + ">";
        setFrom(new InternetAddress(from, true));
        setRecipient(RecipientType.TO, new InternetAddress(to, true));
        setSubject(subject(notice), StandardCharsets.UTF_8.name());
        setHeader("Date", DATE.format(notice.times().raised()));
        // No vacation message is to answer it (RFC 3834).
        setHeader("Auto-Submitted", "auto-generated");
        setText(text(notice), StandardCharsets.UTF_8.name());
        saveChanges();
    }

    @Override
    protected void updateMessageID() throws MessagingException {
        setHeader("Message-ID", id);
    }

    private static String subject(Notice notice) {
        return who(notice) + " has used " + percent(notice) + "% of "
                + notice.limit().text();
    }

    private static String text(Notice notice) {
        UsageLimit limit = notice.limit();
        String then = switch (limit.action()) {
            case "refuse" -> "Requests over the limit are refused until then.";
            case "warn" -> "Requests over the limit are served, with a warning in their response headers.";
            default -> "Requests over the limit are served.";
        };
        return who(notice) + " (account " + line(notice.whose().account()) + ", plan " + notice.plan() + ") has used "
                + UsageLimit.amount(notice.used(), limit.measure()) + " of " + limit.text() + ", that is "
                + percent(notice) + "%, as of " + notice.times().asOf() + ".\n\n"
                + "Notice at: " + notice.threshold() + "%\n"
                + "Window: from " + notice.times().windowStart() + " until "
                + notice.times().resetsAt() + "\n\n"
                + then + "\n";
    }

    private static String percent(Notice notice) {
        // An override may have no quota at all.
        return notice.limit().quota() == 0
                ? "100"
                : Long.toString(
                        (long) Math.floor(100.0 * notice.used() / notice.limit().quota()));
    }

    private static String who(Notice notice) {
        return notice.whose()
                .key()
                .map(label -> "Key " + line(label))
                .orElseGet(() -> "Account " + line(notice.whose().account()));
    }

    /** A line's end in a name would begin a header field of its own. */
    private static String line(String name) {
        return name.replaceAll("[\\p{Cntrl}\\u2028\\u2029\\u0085]+", " ");
    }
}
