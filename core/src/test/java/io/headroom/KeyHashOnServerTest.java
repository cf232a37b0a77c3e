package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link KeyHash} and a running PostgreSQL agree on every key. */
class KeyHashOnServerTest {

  private static final long SEED = 20_260_722;
  private static final int KEYS = 10_000;

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private final ServerHash server = new ServerHash(postgres.dataSource(0));

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void agreesOnRandomKeys(KeyType type) throws SQLException {
    assertAgrees(type, new RandomKeys(SEED).of(type, KEYS));
  }

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void agreesOnEdges(KeyType type) throws SQLException {
    assertAgrees(type, RandomKeys.edges(type));
  }

  @ParameterizedTest
  @CsvSource({"int2, 16", "int4, 32", "int8, 64"})
  void integersOfEveryWidthHashAlike(String sqlType, int bits) throws SQLException {
    List<Long> keys =
        new RandomKeys(SEED)
            .of(KeyType.INTEGER, KEYS).stream()
                .map(key -> (Long) key << (64 - bits) >> (64 - bits))
                .toList();
    Object[] asText = keys.stream().map(String::valueOf).toArray();
    String own = "hash" + sqlType + "extended(k::" + sqlType + ", 0)";
    String wide = KeyType.INTEGER.hashSql("k::" + sqlType);

    List<Long> expected = keys.stream().map(key -> KeyHash.of((long) key)).toList();

    assertThat(server.ask("text", own, asText)).isEqualTo(expected);
    assertThat(server.ask("text", wide, asText)).isEqualTo(expected);
  }

  @Test
  void slotsAgreeTooOfNegativeHashes() throws SQLException {
    List<?> keys = new RandomKeys(SEED).of(KeyType.INTEGER, KEYS);
    String slot = KeyType.INTEGER.hashSql("k") + " & 16383";

    assertThat(server.ask("int8", slot, keys.toArray()))
        .isEqualTo(keys.stream().map(key -> KeyHash.ofKey(key) & 16383).toList());
  }

  private void assertAgrees(KeyType type, List<?> keys) throws SQLException {
    List<Long> hashes = server.of(type, keys);

    assertThat(hashes).hasSameSizeAs(keys);
    for (int i = 0; i < keys.size(); i++) {
      Object key = keys.get(i);
      assertThat(KeyHash.ofKey(key))
          .as("%s key %s (number %d, seed %d)", type, ServerHash.shown(key), i, SEED)
          .isEqualTo(hashes.get(i));
    }
  }
}
