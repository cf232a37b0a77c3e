package io.headroom.routing;

import io.headroom.TimeSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.ds.PGSimpleDataSource;

/** Nodes for tests of who is the primary: nothing is borrowed from them. */
final class TestNodes {

  private TestNodes() {}

  static List<Node> named(String... names) {
    List<Node> nodes = new ArrayList<>();
    for (String name : names) {
      nodes.add(node(nodes.size(), name));
    }
    return nodes;
  }

  private static Node node(int index, String name) {
    return new Node(
        index,
        new NodeSettings(name, 1, null, false, Integer.MAX_VALUE, name),
        request -> {
          throw new SQLException("no connections here");
        },
        new PoolControl(new PGSimpleDataSource()),
        new NodeLoad(Duration.ofSeconds(10), Duration.ZERO),
        new NodeHealth(
            name, EjectionSettings.DEFAULT, TimeSource.system(), new NodeHealth.Listener() {}));
  }
}
