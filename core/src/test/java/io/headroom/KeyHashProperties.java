package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;

class KeyHashProperties {

  @Property
  void textHashesAsItsUtf8Bytes(@ForAll @StringLength(max = 64) String text) {
    if (WellFormed.indexOfLoneSurrogate(text) < 0) {
      assertThat(KeyHash.of(text))
          .isEqualTo(KeyHash.of(text.getBytes(StandardCharsets.UTF_8)))
          .isEqualTo(KeyHash.ofKey(text));
    }
  }

  @Property
  void asciiTextHashesAsItsBytes(
      @ForAll @CharRange(to = '\u007F') @StringLength(max = 64) String text) {
    assertThat(KeyHash.of(text)).isEqualTo(KeyHash.of(text.getBytes(StandardCharsets.US_ASCII)));
  }

  @Property
  void integersOfOneValueHashAlike(@ForAll byte value) {
    assertThat(KeyHash.ofKey(value))
        .isEqualTo(KeyHash.ofKey((short) value))
        .isEqualTo(KeyHash.ofKey((int) value))
        .isEqualTo(KeyHash.ofKey((long) value))
        .isEqualTo(KeyHash.of(value));
  }

  @Property
  void keysOfEveryTypeHashAsTheTypedMethodsSay(
      @ForAll long number, @ForAll long other, @ForAll byte[] bytes) {
    UUID uuid = new UUID(number, other);

    assertThat(KeyHash.ofKey(number)).isEqualTo(KeyHash.of(number));
    assertThat(KeyHash.ofKey(uuid)).isEqualTo(KeyHash.of(uuid));
    assertThat(KeyHash.ofKey(bytes)).isEqualTo(KeyHash.of(bytes));
  }
}
