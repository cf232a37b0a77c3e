package com.example.market.growth;

import com.example.market.Pools;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Measures what each stage buys: on real servers, under a load that is too much for the stage
 * before it. {@code mvn -q -Pgrowth} prints the tables, and with {@code -Dgrowth.write=true} puts
 * them into docs/growth.md, if each stage bought what it is for.
 */
public final class Growth {

  private static final PrintStream OUT = System.out;

  private Growth() {}

  /**
   * Measures, and ends with 1 if a stage did not buy what it is for.
   *
   * @param arguments the page of the tables
   */
  public static void main(String[] arguments) throws Exception {
    long begin = System.nanoTime();
    Map<String, String> page = new LinkedHashMap<>();
    boolean all = true;
    try (Servers servers = new Servers()) {
      Bench bench = new Bench(servers);
      double capacity = bench.capacity();
      String what =
          String.format(
              Locale.ROOT,
              "One database does %.0f requests a second: %d connections, each held for %d ms.",
              capacity,
              Pools.SIZE,
              Servers.WORK_MILLIS);
      OUT.println(what);
      page.put("capacity", what + "\n");
      for (Step step : new Steps(servers, capacity).all()) {
        Table table = step.on(bench);
        OUT.println();
        OUT.printf(Locale.ROOT, "%.1f s: %s%n", (System.nanoTime() - begin) / 1e9, table.load());
        table.lines().forEach(OUT::println);
        table.failures().forEach(OUT::println);
        table.broken().forEach(it -> OUT.println("NOT as promised: " + table.name() + ": " + it));
        all &= table.broken().isEmpty();
        page.put(table.name(), table.markdown());
      }
    }
    if (all && Boolean.getBoolean("growth.write")) {
      write(Path.of(arguments[0]), page);
    }
    long seconds = Duration.ofNanos(System.nanoTime() - begin).toSeconds();
    OUT.println();
    OUT.println((all ? "GROWTH OK" : "GROWTH FAILED") + " seconds=" + seconds);
    if (!all) {
      System.exit(1);
    }
  }

  private static void write(Path file, Map<String, String> parts) throws IOException {
    String page = Files.readString(file);
    for (Map.Entry<String, String> part : parts.entrySet()) {
      page = Blocks.replaced(page, "measured: " + part.getKey(), part.getValue());
    }
    Files.writeString(file, page);
  }
}
