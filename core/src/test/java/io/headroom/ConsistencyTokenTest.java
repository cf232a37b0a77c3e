package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headroom.ConsistencyToken.Position;
import io.headroom.InvalidTokenException.Reason;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConsistencyTokenTest {

  @Test
  void keepsTheLaterPositionOfEachDomain() {
    ConsistencyToken seen =
        ConsistencyToken.of("orders", 1, 500)
            .merge(ConsistencyToken.of("orders", 2, 40)) // a failover: lower, but later
            .merge(ConsistencyToken.of("users", 1, 7));

    assertThat(seen.position("orders")).contains(new Position(2, 40));
    assertThat(seen.position("users")).contains(new Position(1, 7));
    assertThat(seen.position("other")).isEmpty();
    assertThat(seen.domains()).containsExactly("orders", "users");
    assertThat(seen.primaryForUnknown()).isFalse();
  }

  @Test
  void hasAShortTextThatStaysTheSame() {
    ConsistencyToken seen = ConsistencyToken.of("orders", 1, 0x3000148L);

    assertThat(seen).hasToString("EAZvcmRlcnMByIKAGA");
    assertThat(ConsistencyToken.NONE).hasToString("EA");
    assertThat(ConsistencyToken.parse("EA")).isSameAs(ConsistencyToken.NONE);
  }

  @Test
  void dropsTheLargestNamesWhenFullAndSaysSo() {
    ConsistencyToken full = ConsistencyToken.NONE;
    for (int i = 0; i < 40; i++) {
      full = full.merge(ConsistencyToken.of("d%02d".formatted(39 - i), 1, i));
    }

    assertThat(full.domains()).hasSize(32).contains("d00", "d31").doesNotContain("d32");
    assertThat(full.primaryForUnknown()).isTrue();
    assertThat(full.isEmpty()).isFalse();
    assertThat(ConsistencyToken.parse(full.toString())).isEqualTo(full);
  }

  @Test
  void theFlagAloneIsAToken() {
    ConsistencyToken flagOnly = ConsistencyToken.parse("EQ");

    assertThat(flagOnly.primaryForUnknown()).isTrue();
    assertThat(flagOnly.isEmpty()).isFalse();
    assertThat(flagOnly).hasToString("EQ").isNotEqualTo(ConsistencyToken.NONE);
    assertThat(flagOnly.merge(ConsistencyToken.of("a", 1, 1)).primaryForUnknown()).isTrue();
  }

  @Test
  void theLongestTextFitsACookie() {
    ConsistencyToken longest = ConsistencyToken.NONE;
    for (int i = 0; i < 32; i++) {
      String name = "x".repeat(62) + "%02d".formatted(i);
      longest = longest.merge(ConsistencyToken.of(name, Long.MAX_VALUE, Long.MAX_VALUE));
    }

    assertThat(longest.toString()).hasSize(3543);
    assertThat(ConsistencyToken.parse(longest.toString())).isEqualTo(longest);
  }

  @ParameterizedTest
  @CsvSource({
    "'', MALFORMED, empty",
    "20, UNKNOWN_VERSION, format 0x20",
    "81, UNKNOWN_VERSION, open it with the TokenSigner",
    "12, MALFORMED, unknown flags",
    "1001, MALFORMED, ends within a domain's name",
    "1000, MALFORMED, length outside 1 to 64",
    "1041, MALFORMED, length outside 1 to 64",
    "1080, MALFORMED, length outside 1 to 64",
    "100161, MALFORMED, ends within a number",
    "10016101, MALFORMED, ends within a number",
    "1001618100, MALFORMED, shortest form",
    "100161ffffffffffffffffff01, MALFORMED, more than 63 bits",
    "1001ff0101, MALFORMED, not UTF-8",
    "1003eda0800101, MALFORMED, not UTF-8",
    "100162010101610101, MALFORMED, ascending order",
    "100161010101610102, MALFORMED, ascending order",
  })
  void refusesWhatNoTokenWrites(String hex, Reason reason, String why) {
    String text =
        Base64.getUrlEncoder().withoutPadding().encodeToString(HexFormat.of().parseHex(hex));

    InvalidTokenException refused =
        catchThrowableOfType(InvalidTokenException.class, () -> ConsistencyToken.parse(text));

    assertThat(refused.reason()).isEqualTo(reason);
    assertThat(refused).hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"EA==", "EB", "E", "E A", "EA\u0000", "EA\n", "+A", "ÄÖ"})
  void refusesOtherSpellings(String text) {
    InvalidTokenException refused =
        catchThrowableOfType(InvalidTokenException.class, () -> ConsistencyToken.parse(text));

    assertThat(refused.reason()).isEqualTo(Reason.MALFORMED);
    assertThat(refused).hasMessageNotContaining(text);
  }

  @Test
  void refusesTooManyDomainsAndTooLongATextBeforeReadingIt() {
    StringBuilder hex = new StringBuilder("10");
    for (int i = 0; i < 33; i++) {
      hex.append("01%02x0101".formatted(0x30 + i));
    }
    String many =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(HexFormat.of().parseHex(hex.toString()));

    assertThat(
            catchThrowableOfType(InvalidTokenException.class, () -> ConsistencyToken.parse(many)))
        .hasMessageContaining("more than 32 domains");
    InvalidTokenException tooLong =
        catchThrowableOfType(
            InvalidTokenException.class, () -> ConsistencyToken.parse("A".repeat(3568)));
    assertThat(tooLong.reason()).isEqualTo(Reason.TOO_LONG);
  }

  @Test
  void refusesBadDomainsAndNumbers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConsistencyToken.of("", 1, 1))
        .withMessageContaining("0 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConsistencyToken.of("ü".repeat(33), 1, 1))
        .withMessageContaining("66 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConsistencyToken.of("a\ud83d", 1, 1))
        .withMessageContaining("index 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConsistencyToken.of("a", -1, 1))
        .withMessage("incarnation must not be negative, was -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConsistencyToken.of("a", 1, -5))
        .withMessage("position must not be negative, was -5");
  }
}
