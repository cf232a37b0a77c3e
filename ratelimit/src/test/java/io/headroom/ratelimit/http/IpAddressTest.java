package io.headroom.ratelimit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255",
    "::, ::",
    "::1, ::1",
    "2001:DB8::A, 2001:db8::a",
    "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
    "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    "::ffff:192.0.2.1, 192.0.2.1",
    "::FFFF:c000:201, 192.0.2.1",
    "0:0:0:0:0:ffff:192.0.2.1, 192.0.2.1",
    "::192.0.2.1, ::c000:201",
    "fe80::1%eth0, fe80::1",
    "fe80::1%2, fe80::1"
  })
  void isReadAndWritten(String text, String canonical) {
    assertThat(IpAddress.parse(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ".",
        "1",
        "1.2.3",
        "1.2.3.",
        "1.2.3.4.",
        "1.2.3.4.5",
        ".1.2.3",
        "1..2.3",
        "256.1.1.1",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.010",
        "0x1.2.3.4",
        "1.2.3.4 ",
        " 1.2.3.4",
        "+1.2.3.4",
        "-1.2.3.4",
        "1.2.3.1000",
        "3221225985",
        "localhost",
        "example.org",
        "1.2.3.4%eth0",
        "1.2.3.4/8",
        "\u0661.2.3.4",
        ":",
        ":::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:",
        ":1:2:3:4:5:6:7",
        "1::2::3",
        "12345::",
        "g::",
        "::g",
        "1:2:3:4::5:6:7:8",
        "::1:2:3:4:5:6:7:8",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "::1.2.3",
        "::1.2.3.456",
        "1:2:3:4:5:6:7:1.2.3.4",
        "[::1]",
        "::1]",
        "fe80::1%",
        "fe80::1%a b",
        "fe80::1%eth0%1",
        "::\uff11",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
        "unknown",
        "_gazonk"
      })
  void whatIsNoneIsNotRead(String text) {
    assertThat(IpAddress.parse(text)).isNull();
  }

  @Provide
  Arbitrary<byte[]> addresses() {
    Arbitrary<Byte> bytes =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(3, Arbitraries.just((byte) 0)),
            net.jqwik.api.Tuple.of(1, Arbitraries.bytes()));
    return Arbitraries.oneOf(
        bytes.array(byte[].class).ofSize(4), bytes.array(byte[].class).ofSize(16));
  }

  /** The JDK's own reader takes it for the same address; and it is read back. */
  @Property
  void whatIsWrittenIsTheAddress(@ForAll("addresses") byte[] bytes) throws UnknownHostException {
    InetAddress expected = InetAddress.getByAddress(bytes);

    IpAddress read = IpAddress.parse(expected.getHostAddress());

    assertThat(read).isNotNull();
    assertThat(InetAddress.getByName(read.toString())).isEqualTo(expected);
    assertThat(IpAddress.parse(read.toString())).isEqualTo(read).hasSameHashCodeAs(read);
  }

  @Property
  void aRangeHoldsWhatBeginsAsItDoes(
      @ForAll @Size(16) byte[] one,
      @ForAll @IntRange(max = 128) int length,
      @ForAll @IntRange(max = 127) int flipped)
      throws UnknownHostException {
    one[0] |= 0x20; // no mapped one
    IpAddress first = read(one).prefix(length);
    IpRange range = IpRange.parse(first + "/" + length);
    byte[] other = one.clone();
    other[flipped / 8] ^= (byte) (0x80 >> (flipped % 8));

    assertThat(range.holds(read(one))).isTrue();
    if (other[0] != 0) {
      assertThat(range.holds(read(other))).isEqualTo(flipped >= length);
    }
    assertThat(range.holds(IpAddress.parse("32.0.0.0"))).isFalse();
  }

  private static IpAddress read(byte[] bytes) throws UnknownHostException {
    return IpAddress.parse(InetAddress.getByAddress(bytes).getHostAddress());
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, 11.0.0.0",
    "192.0.2.7, 192.0.2.7, 192.0.2.6",
    "0.0.0.0/0, 203.0.113.9, ::1",
    "::/0, 2001:db8::1, 203.0.113.9",
    "2001:db8::/33, 2001:db8:7fff::1, 2001:db8:8000::1",
    "2001:db8::7, 2001:db8::7, 2001:db8::8",
    "::ffff:10.0.0.0/104, 10.1.2.3, 11.0.0.0",
    "::ffff:10.0.0.1, ::ffff:10.0.0.1, 10.0.0.2"
  })
  void aRangeHoldsItsAddresses(String range, String inside, String outside) {
    assertThat(IpRange.parse(range).holds(IpAddress.parse(inside))).isTrue();
    assertThat(IpRange.parse(range).holds(IpAddress.parse(outside))).isFalse();
    assertThat(IpRange.parse(range).holds(null)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3/8, did you mean 10.0.0.0/8?",
    "2001:db8::1/64, did you mean 2001:db8::/64?",
    "10.0.0.0/33, must be 0 to 32",
    "10.0.0.0/, must be 0 to 32",
    "10.0.0.0/-1, must be 0 to 32",
    "10.0.0.0/x, must be 0 to 32",
    "2001:db8::/129, must be 0 to 128",
    "::ffff:10.0.0.0/8, must be 96 to 128",
    "10.0.0/8, was '10.0.0/8'",
    "localhost, was 'localhost'",
    "fe80::1%eth0, was 'fe80::1%eth0'",
    "'', was ''"
  })
  void aRangeThatIsNoneIsRefused(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IpRange.parse(text))
        .withMessageContaining(message);
  }

  @Property
  void arbitraryTextNeverThrows(@ForAll String text) {
    IpAddress read = IpAddress.parse(text);

    assertThat(read == null || IpAddress.parse(read.toString()).equals(read)).isTrue();
    assertThat(Arrays.asList(4, 16).contains(read == null ? 4 : read.bits() / 8)).isTrue();
  }
}
