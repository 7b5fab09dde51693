package io.counterfoil.jobs.notify;

import inet.ipaddr.IPAddressString;
import io.counterfoil.sql.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class AddressGuardTest {
    private static final AddressGuard STRICT = new AddressGuard(AddressRanges.NONE, InetAddress::getAllByName);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::7f00:1",
                "::ffff:10.0.0.1",
                "::ffff:169.254.169.254",
                "64:ff9b::a00:1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:2::1",
                "2001:10::1",
                "2001:20::1",
                "2001:db8::1",
                "2002:a00:1::1",
                "2002:808:808::1",
                "3fff::1",
                "5f00::1",
                "fc00::1",
                "fd12:3456::1",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "4000::1"
            })
    void refusesWhatIsNotGloballyReachable(String address) throws Exception {
        assertThat(AddressGuard.isGlobal(new IPAddressString(address).toAddress()))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.0.0.1", "128.0.0.1",
                "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.0.1", "198.17.0.1",
                        "198.20.0.1",
                "223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888", "2a00::1", "::ffff:1.1.1.1",
                        "64:ff9b::101:101"
            })
    void takesWhatIs(String address) throws Exception {
        assertThat(AddressGuard.isGlobal(new IPAddressString(address).toAddress()))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://localhost/",
                "https://LOCALHOST:8443/",
                "https://127.0.0.1/",
                "https://[::1]/",
                "https://[::ffff:169.254.169.254]/",
                "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
                "https://169.254.169.254/latest/",
                "https://[fe80::1]/",
                "https://[64:ff9b::a9fe:a9fe]/"
            })
    void refusesUrlsThatLeadThere(String url) {
        assertThatThrownBy(() -> STRICT.addresses(WebhookUrl.parse(url)))
                .isInstanceOf(AddressGuard.RefusedException.class)
                .hasMessageContaining("is not globally reachable; expected one that is");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://0xa9fea9fe/",
                "https://0251.0376.0251.0376/",
                "https://2852039166/",
                "https://127.1/",
                "https://0x7f.1/",
                "https://example.com@169.254.169.254/",
                "https://user:hush@example.com/",
                "ftp://example.com/",
                "file:///etc/passwd",
                "https:///path",
                "https://example.com/#part",
                "https://exa mple.com/",
                "https://example.com:0/",
                "https://example.com:99999/",
                "https://[fe80::1%25eth0]/",
                "https://exämple.com/",
                "example.com",
                ""
            })
    void refusesUrlsThatAreReadInMoreThanOneWay(String url) {
        assertThatThrownBy(() -> WebhookUrl.parse(url))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("expected https://HOST[:PORT]/PATH")
                .message()
                .doesNotContain("hush");
    }

    @Test
    void oddNotationsOfAnAddressAreNoHosts() {
        for (String odd : List.of("0xa9fea9fe", "0251.0376.0251.0376", "2852039166", "169.254.43518")) {
            assertThatThrownBy(() -> WebhookUrl.parse("https://" + odd + "/latest"))
                    .as(odd)
                    .isInstanceOf(OperatorException.class);
        }
    }

    @Test
    void aNameOfWhichOneAddressIsPrivateIsRefusedAndAskedForOnce() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AddressGuard guard = new AddressGuard(AddressRanges.NONE, host -> {
            asked.incrementAndGet();
            return new InetAddress[] {InetAddress.getByName("1.1.1.1"), InetAddress.getByName("10.0.0.7")};
        });

        assertThatThrownBy(() -> guard.addresses(WebhookUrl.parse("https://two-faced.example/")))
                .hasMessageContaining("address 10.0.0.7 is not globally reachable");
        assertThat(asked).hasValue(1);
    }

    @Test
    void whatAnOperatorAllowsIsTakenAndOnlyThatByHttp() throws Exception {
        AddressGuard guard = new AddressGuard(
                AddressRanges.parse("--allow-address", List.of("127.0.0.0/8", "fd00::/8")), InetAddress::getAllByName);

        assertThat(guard.addresses(WebhookUrl.parse("http://127.0.0.1:8080/"))).hasSize(1);
        assertThat(guard.addresses(WebhookUrl.parse("https://[fd12::1]/"))).hasSize(1);
        assertThat(guard.addresses(WebhookUrl.parse("https://1.1.1.1/"))).hasSize(1);
        assertThatThrownBy(() -> guard.addresses(WebhookUrl.parse("http://1.1.1.1/")))
                .hasMessageContaining("address 1.1.1.1 is not allowed by http; expected https");
        assertThatThrownBy(() -> guard.addresses(WebhookUrl.parse("https://10.0.0.1/")))
                .isInstanceOf(AddressGuard.RefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "*", "10", "10.0.0.0/33", "10.0.0.0/8 ", "localhost", "10.*.*.*", "1-2.0.0.0", "0x0a000000"})
    void rangesAreWrittenInOneWay(String text) {
        if (text.equals(text.strip())) {
            assertThatThrownBy(() -> AddressRanges.parse("--allow-address", List.of(text)))
                    .hasMessageContaining("--allow-address is '" + text + "', expected an address or a network");
        } else {
            assertThat(AddressRanges.parse("--allow-address", List.of(text)).blocks())
                    .hasSize(1);
        }
    }

    @Test
    void whatNoServerKnowsIsNoAddress() {
        AddressGuard guard = new AddressGuard(AddressRanges.NONE, host -> {
            throw new UnknownHostException(host);
        });
        assertThatThrownBy(() -> guard.addresses(WebhookUrl.parse("https://nowhere.example/")))
                .isInstanceOf(UnknownHostException.class);
    }
}
