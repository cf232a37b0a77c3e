package io.headroom.sharding;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes maps to a file store in a process of its own, and prints the epochs that it won. */
final class MapWriter {

  private MapWriter() {}

  public static void main(String[] args) {
    try (ShardMapStore store = ShardMapStore.file(Path.of(args[0]))) {
      race(store, Integer.parseInt(args[1])).forEach(System.out::println);
    }
  }

  /** Tries to write each of so many epochs after the first; answers those that it wrote. */
  static List<Long> race(ShardMapStore store, int epochs) {
    List<Long> won = new ArrayList<>();
    ShardMap map = store.current().orElseThrow();
    while (map.epoch() <= epochs) {
      ShardMap next = map.withPin(map.epoch(), map.shardAt(0).id());
      if (store.compareAndSet(map.epoch(), next)) {
        won.add(next.epoch());
      }
      map = store.current().orElseThrow();
    }
    return won;
  }
}
