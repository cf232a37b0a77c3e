package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.KeyHashVectors.Vector;
import io.headroom.testkit.servers.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The golden vectors hold in Java and on a running PostgreSQL. */
class KeyHashVectorsTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private final ServerHash server = new ServerHash(postgres.dataSource(0));

  @Test
  void holdInJava() throws IOException {
    assertThat(KeyHashVectors.read())
        .hasSizeGreaterThan(500)
        .allSatisfy(
            vector -> {
              assertThat(KeyHash.ofKey(vector.key())).isEqualTo(vector.hash());
              assertThat(vector.hash() & 16383).isEqualTo(vector.slot());
            });
  }

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void holdOnTheServer(KeyType type) throws IOException, SQLException {
    List<Vector> vectors =
        KeyHashVectors.read().stream().filter(vector -> vector.type() == type).toList();

    assertThat(server.of(type, vectors.stream().map(Vector::key).toList()))
        .hasSizeGreaterThan(50)
        .isEqualTo(vectors.stream().map(Vector::hash).toList());
  }

  @Test
  void reachEveryTailOfABlock() throws IOException {
    List<Vector> vectors = KeyHashVectors.read();

    assertThat(vectors.stream().filter(vector -> vector.key() instanceof byte[]))
        .extracting(vector -> ((byte[]) vector.key()).length)
        .containsAll(lengths());
    assertThat(vectors.stream().filter(vector -> vector.key() instanceof String))
        .extracting(vector -> ((String) vector.key()).length())
        .containsAll(lengths());
  }

  @Test
  @EnabledIfSystemProperty(named = "headroom.write-vectors", matches = "true")
  void areWritten() throws IOException, SQLException {
    Path file = Path.of("../testkit/kit/src/main/resources").resolve(KeyHashVectors.RESOURCE);
    Files.writeString(file, KeyHashVectors.write(server));
  }

  private static List<Integer> lengths() {
    Integer[] lengths = new Integer[25];
    Arrays.setAll(lengths, i -> i);
    return List.of(lengths);
  }
}
