package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class KeyTypeTest {

  @Test
  void isFoundByTheKeysClass() {
    assertThat(KeyType.of(1L)).isEqualTo(KeyType.INTEGER);
    assertThat(KeyType.of(1)).isEqualTo(KeyType.INTEGER);
    assertThat(KeyType.of((short) 1)).isEqualTo(KeyType.INTEGER);
    assertThat(KeyType.of((byte) 1)).isEqualTo(KeyType.INTEGER);
    assertThat(KeyType.of("key")).isEqualTo(KeyType.TEXT);
    assertThat(KeyType.of(new UUID(1, 2))).isEqualTo(KeyType.UUID);
    assertThat(KeyType.of(new byte[0])).isEqualTo(KeyType.BYTES);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KeyType.of('c'))
        .withMessageContaining("java.lang.Character");
  }

  @Test
  void tellsWhichClassesItTakes() {
    assertThat(KeyType.INTEGER.accepts(Short.class)).isTrue();
    assertThat(KeyType.INTEGER.accepts(String.class)).isFalse();
    assertThat(KeyType.BYTES.accepts(byte[].class)).isTrue();
  }

  @Test
  void writesTheHashInSql() {
    assertThat(KeyType.INTEGER.hashSql("user_id")).isEqualTo("hashint8extended(user_id, 0)");
    assertThat(KeyType.TEXT.hashSql("email")).isEqualTo("hashtextextended(email, 0)");
    assertThat(KeyType.UUID.hashSql("id")).isEqualTo("uuid_hash_extended(id, 0)");
    assertThat(KeyType.BYTES.hashSql("digest")).isEqualTo("hashbyteaextended(digest, 0)");
  }
}
