package com.example.market.growth;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;

/**
 * Measures what each stage buys: on real servers, under a load that is too much for the stage
 * before it. {@code mvn -q -Pgrowth} prints the tables, and with {@code -Dgrowth.write=true} puts
 * them into docs/growth.md.
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
    boolean all = true;
    try (Servers servers = new Servers()) {
      Bench bench = new Bench(servers);
      double capacity = bench.capacity();
      String what =
          String.format(
              Locale.ROOT,
              "One database does %.0f requests a second: 10 connections, each held for %d ms.",
              capacity,
              Servers.WORK_MILLIS);
      OUT.println(what);
      write(arguments, "capacity", what + "\n");
      Steps steps = new Steps(servers, bench, capacity);
      for (Callable<Table> step : steps.all()) {
        Table table = step.call();
        OUT.println();
        OUT.printf(Locale.ROOT, "%.1f s: %s%n", (System.nanoTime() - begin) / 1e9, table.load());
        table.lines().forEach(OUT::println);
        if (!table.holds()) {
          OUT.println("NOT as promised: " + table.name());
          all = false;
        }
        write(arguments, table.name(), table.markdown());
      }
    }
    long seconds = Duration.ofNanos(System.nanoTime() - begin).toSeconds();
    OUT.println();
    OUT.println((all ? "GROWTH OK" : "GROWTH FAILED") + " seconds=" + seconds);
    if (!all) {
      System.exit(1);
    }
  }

  private static void write(String[] arguments, String name, String text) throws IOException {
    if (Boolean.getBoolean("growth.write")) {
      Path page = Path.of(arguments[0]);
      Files.writeString(page, Blocks.replaced(Files.readString(page), "measured: " + name, text));
    }
  }
}
