package io.counterfoil.jobs.notify;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.notice.Delivery;
import io.counterfoil.sql.notice.Notice;
import io.counterfoil.sql.notice.Target;
import io.counterfoil.sql.testing.TestDatabase;
import jakarta.mail.internet.MimeMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Mail, to a real server. */
final class MailSenderTest {
    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private final GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));

    @BeforeEach
    void start() {
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    private MailServer settings(String userInfo, String query) {
        return MailServer.parse(
                "smtp://" + userInfo + "127.0.0.1:" + server.getSmtp().getPort() + query, "billing@counterfoil.test");
    }

    private static Outcome send(MailServer settings, Notice notice) {
        Target.Mailbox to = new Target.Mailbox("ops@acme.test");
        return new MailSender(settings, DEADLINE).send(new Delivery(1, "msg_1", 1, Instant.EPOCH, to, notice), to);
    }

    private static Notice named(String account, String key) {
        Notice notice = WebhookSenderTest.NOTICE;
        return new Notice(
                new Notice.Whose(account, Optional.empty(), Optional.ofNullable(key)),
                notice.plan(),
                notice.limit(),
                notice.threshold(),
                notice.used(),
                notice.times());
    }

    @Test
    void aNoticeIsAMailThatSaysItAll() throws Exception {
        assertThat(send(settings("", ""), WebhookSenderTest.NOTICE)).isEqualTo(Outcome.delivered(250));

        MimeMessage mail = server.getReceivedMessages()[0];
        assertThat(mail.getSubject()).isEqualTo("Key acme-1 has used 83% of 50GiB/period");
        assertThat(mail.getHeader("Message-ID")).containsExactly("<msg_1@counterfoil.test>");
        assertThat(mail.getHeader("Date")).containsExactly("Fri, 20 Nov 2026 10:00:07 +0000");
        assertThat(mail.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(mail.getFrom()[0]).hasToString("billing@counterfoil.test");
        assertThat(mail.getAllRecipients())
                .hasSize(1)
                .allSatisfy(to -> assertThat(to).hasToString("ops@acme.test"));
        assertThat(mail.getContentType()).startsWith("text/plain");
        assertThat(mail.getContent().toString().replace("\r\n", "\n")).isEqualTo("""
                Key acme-1 (account Acme, plan pro) has used 45GB of 50GiB/period, that is 83%, as of 2026-11-20T10:00:00Z.

                Notice at: 80%
                Window: from 2026-11-01T00:00:00Z until 2026-12-01T00:00:00Z

                Requests over the limit are refused until then.""");
    }

    @Test
    void aNameCannotAddAFieldOrARecipient() throws Exception {
        String evil = "Acme\r\nBcc: x@y.test\r\n\r\nbody\nX: 1\u2028\u0085";
        send(settings("", ""), named(evil, null));
        send(settings("", ""), named(evil, evil));

        for (MimeMessage mail : server.getReceivedMessages()) {
            assertThat(mail.getHeader("Bcc")).isNull();
            assertThat(mail.getHeader("X")).isNull();
            assertThat(mail.getAllRecipients()).hasSize(1);
            assertThat(mail.getSubject()).contains("Acme Bcc: x@y.test body X: 1 ");
            assertThat(Collections.list(mail.getAllHeaderLines()))
                    .noneMatch(line -> line.startsWith("X:") || line.startsWith("Bcc:"));
        }
        assertThat(server.getReceivedMessages()).hasSize(2);
    }

    @Test
    void aNameOfAnyScriptIsShownAsItIs() throws Exception {
        send(settings("", ""), named("Ångström 株式会社", null));

        assertThat(server.getReceivedMessages()[0].getSubject())
                .isEqualTo("Account Ångström 株式会社 has used 83% of 50GiB/period");
    }

    @Test
    void aPasswordIsNotSentInTheOpenUnlessThatIsAskedFor() {
        server.setUser("ops@acme.test", "bill", "p@ss:w/rd+1");

        Outcome refused = send(settings("bill:p%40ss%3Aw%2Frd+1@", ""), WebhookSenderTest.NOTICE);
        assertThat(refused.error())
                .hasValueSatisfying(
                        error -> assertThat(error).contains("STARTTLS").doesNotContain("p@ss"));
        assertThat(send(settings("bill:p%40ss%3Aw%2Frd+1@", "?starttls=off"), WebhookSenderTest.NOTICE))
                .isEqualTo(Outcome.delivered(250));
        assertThat(send(settings("bill:wrong@", "?starttls=off"), WebhookSenderTest.NOTICE)
                        .error())
                .hasValueSatisfying(error -> assertThat(error).contains("535").doesNotContain("wrong"));
    }

    @Test
    void aServerThatDoesNotAnswerIsCutOff() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            long start = System.nanoTime();
            MailServer settings =
                    MailServer.parse("smtp://127.0.0.1:" + silent.getLocalPort(), "billing@counterfoil.test");

            assertThat(send(settings, WebhookSenderTest.NOTICE).error()).isPresent();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(DEADLINE.plusSeconds(5));
        }
    }

    @Test
    void mailIsRetriedAndRecordedAsWebhooksAre() throws Exception {
        NoticeBox box = new NoticeBox(TestDatabase.fresh());
        box.mailTo("ops@acme.test");
        box.raise(80);
        MailServer settings = settings("", "");
        server.stop();
        NotifySettings notify =
                new NotifySettings(Optional.empty(), Optional.of(settings), AddressRanges.NONE, DEADLINE);
        try (NotifyJob job = new NotifyJob(notify, box.database().jdbcUrl(), box)) {
            assertThat(job.run()).isEqualTo(new NotifyResult(0, 1, 0, List.of()));
            assertThat(box.deliveries()).singleElement().asString().startsWith("pending 1 mail server: ");
        }
        server.start();
        box.pass(6);
        MailServer again = settings("", "");
        try (NotifyJob job = new NotifyJob(
                new NotifySettings(Optional.empty(), Optional.of(again), AddressRanges.NONE, DEADLINE),
                box.database().jdbcUrl(),
                box)) {
            assertThat(job.run()).isEqualTo(new NotifyResult(1, 0, 0, List.of()));
        }
        assertThat(server.getReceivedMessages()).hasSize(1);
        assertThat(server.getReceivedMessages()[0].getHeader("Message-ID")[0])
                .isEqualTo("<"
                        + box.texts("select message_id from notice_delivery").get(0) + "@counterfoil.test>");
    }

    @Test
    void aLimitOfAnOverrideWithoutQuotaIsToldToo() throws Exception {
        Notice notice = WebhookSenderTest.NOTICE;
        send(
                settings("", ""),
                new Notice(
                        notice.whose(),
                        notice.plan(),
                        new UsageLimit(0, "hour", "requests", "notify", "key"),
                        100,
                        5,
                        notice.times()));

        assertThat(server.getReceivedMessages()[0].getSubject()).isEqualTo("Key acme-1 has used 100% of 0/hour");
    }

    @Test
    void settingsAreReadAndWrongOnesToldWithoutTheirPassword() {
        assertThat(MailServer.parse("smtps://u:p@mail.test", "a@b.test"))
                .isEqualTo(new MailServer(
                        "mail.test",
                        465,
                        MailServer.Security.TLS,
                        Optional.of(new MailServer.Login("u", "p")),
                        "a@b.test"));
        assertThat(MailServer.parse("smtp://mail.test", "a@b.test").security())
                .isEqualTo(MailServer.Security.STARTTLS_OFFERED);
        assertThat(MailServer.parse("smtp://u:hush@mail.test", "a@b.test"))
                .asString()
                .doesNotContain("hush");
        for (String wrong : List.of(
                "mail.test",
                "http://u:hush@mail.test",
                "smtp://u:hush@",
                "smtp://u:hush@mail.test/inbox",
                "smtp://u:hu sh@x",
                "smtp://u:hush@mail.test?starttls=maybe",
                "smtp://u:hush/@mail.test")) {
            assertThatThrownBy(() -> MailServer.parse(wrong, "a@b.test"))
                    .as(wrong)
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("set COUNTERFOIL_SMTP_URL")
                    .message()
                    .doesNotContain("hush", "hu sh");
        }
        assertThatThrownBy(() -> NotifySettings.of(
                        Map.of("COUNTERFOIL_SMTP_URL", "smtp://mail.test"),
                        List.of(),
                        Optional.empty(),
                        Optional::empty))
                .hasMessageContaining("the sender of mail is '', expected an address");
        assertThat(NotifySettings.of(
                                Map.of("COUNTERFOIL_WEBHOOK_ALLOW", "10.0.0.0/8, fd00::/8"),
                                List.of("127.0.0.1"),
                                Optional.empty(),
                                Optional::empty)
                        .allowed()
                        .blocks())
                .hasSize(3);
    }
}
