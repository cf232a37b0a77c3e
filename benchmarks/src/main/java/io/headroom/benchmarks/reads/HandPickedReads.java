package io.headroom.benchmarks.reads;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import javax.sql.DataSource;

/** The least that can be done: the caller takes a replica's pool, and knows that it reads. */
public final class HandPickedReads implements ReadAccess {
  private final DataSource[] replicas;
  private final IntUnaryOperator choice;

  private HandPickedReads(List<DataSource> nodes, IntUnaryOperator choice) {
    this.replicas = nodes.subList(1, nodes.size()).toArray(new DataSource[0]);
    this.choice = choice;
  }

  /**
   * One replica after the other.
   *
   * @param nodes the primary's pool, then those of its replicas
   * @return round-robin access
   */
  public static HandPickedReads inTurn(List<DataSource> nodes) {
    AtomicInteger next = new AtomicInteger();
    return new HandPickedReads(nodes, count -> Math.floorMod(next.getAndIncrement(), count));
  }

  /**
   * Any replica.
   *
   * @param nodes the primary's pool, then those of its replicas
   * @return random access
   */
  public static HandPickedReads atRandom(List<DataSource> nodes) {
    return new HandPickedReads(nodes, count -> ThreadLocalRandom.current().nextInt(count));
  }

  @Override
  public Connection getConnection() throws SQLException {
    return replicas[choice.applyAsInt(replicas.length)].getConnection();
  }
}
