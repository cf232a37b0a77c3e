package io.headroom.examples.quickstart.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That what one process tells is what the other understands. */
class FiguresTest {

  private static final Entries ENTRIES = new Entries(500, 400, 100, 90);

  private static final Figures FIGURES =
      new Figures(
          new Figures.Cache(10, 5, 3, 2, 1, 1),
          Map.of("postgres-0", Map.of("FRESH", 7L)),
          ENTRIES,
          true,
          3,
          4);

  private final ObjectMapper json = new ObjectMapper();

  @Test
  void figuresAndEntriesAreReadAsTheyWereTold() throws Exception {
    assertThat(json.readValue(json.writeValueAsString(ENTRIES), Entries.class)).isEqualTo(ENTRIES);
    assertThat(json.readValue(json.writeValueAsString(FIGURES), Figures.class)).isEqualTo(FIGURES);
  }

  @Test
  void aNodeIsReadAsItWasTold() {
    Node node = new Node("shard-0", "postgres-0", "jdbc:postgresql://127.0.0.1:1/x?user=y");
    assertThat(Node.parse(node.toString())).isEqualTo(node);
  }
}
