package com.example.market.growth;

import com.example.market.growth.Bench.Happening;
import com.example.market.growth.Bench.Measured;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;

/**
 * From one stage to the next: a load that is put on both, what the table shows of each, and what
 * must have come of it. For one thread.
 */
final class Step {

  /** What a table shows of a stage. */
  @FunctionalInterface
  interface Cell {
    String of(Measured measured) throws SQLException;
  }

  private record Column(String title, Cell cell) {}

  private record Promise(String what, BiPredicate<Measured, Measured> kept) {}

  private final String name;
  private final String said;
  private final UnaryOperator<OpenLoad> load;
  private final List<Stage> stages;
  private final List<Happening> happenings = new ArrayList<>();
  private final List<Column> columns = new ArrayList<>();
  private final List<Promise> promises = new ArrayList<>();

  /**
   * A step without columns or promises.
   *
   * @param name what the page calls its table
   * @param before the stage for which the load is too much
   * @param after the next one
   * @param said what the page says of the load
   * @param load what comes
   */
  Step(String name, Stage before, Stage after, String said, UnaryOperator<OpenLoad> load) {
    this.name = name;
    this.said = said;
    this.load = load;
    this.stages = List.of(before, after);
  }

  /** Servers die meanwhile: at the stage before, and at the one after. */
  Step with(Happening before, Happening after) {
    happenings.addAll(List.of(before, after));
    return this;
  }

  Step column(String title, Cell cell) {
    columns.add(new Column(title, cell));
    return this;
  }

  /** Shows how many requests of a name were served in time. */
  Step inTime(String title, String requests) {
    return column(title, measured -> Figures.percent(measured.of(requests).percentInTime()));
  }

  /**
   * Says what must hold.
   *
   * @param what in words
   * @param kept whether it does, of the stage before and the one after
   */
  Step promise(String what, BiPredicate<Measured, Measured> kept) {
    promises.add(new Promise(what, kept));
    return this;
  }

  /** Puts the load on both stages. */
  Table on(Bench bench) throws Exception {
    List<Measured> measured = new ArrayList<>();
    for (int i = 0; i < stages.size(); i++) {
      Happening happening = happenings.isEmpty() ? () -> {} : happenings.get(i);
      measured.add(bench.measure(stages.get(i), load, happening));
    }
    List<String> header = new ArrayList<>(List.of("stage"));
    columns.forEach(column -> header.add(column.title()));
    List<List<String>> rows = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (Measured each : measured) {
      rows.add(row(each));
      failures.addAll(each.failures());
    }
    return new Table(name, said, header, rows, failures, broken(measured.get(0), measured.get(1)));
  }

  private List<String> row(Measured measured) throws SQLException {
    List<String> row = new ArrayList<>(List.of(measured.stage().title()));
    for (Column column : columns) {
      row.add(column.cell().of(measured));
    }
    return row;
  }

  /** What does not hold of the two, in words. */
  List<String> broken(Measured before, Measured after) {
    List<String> broken = new ArrayList<>();
    for (Promise promise : promises) {
      if (!promise.kept().test(before, after)) {
        broken.add(promise.what());
      }
    }
    if (happenings.isEmpty() && before.unexplained() + after.unexplained() > 0) {
      broken.add("while all servers run, nothing fails but for a full pool");
    }
    if (!happenings.isEmpty() && before.strange() + after.strange() > 0) {
      broken.add("nothing fails but for a full pool, or with the server that dies");
    }
    return broken;
  }
}
