package io.headroom.spring.boot;

import io.headroom.spring.boot.DriftProperties.OnDrift;
import io.headroom.spring.boot.SchemaReader.Thing;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Compares the shards' schemas once all beans are there, and so after every migration. It asks the
 * primaries, a few at a time and around the guard; one that does not answer is told of, and stops
 * nothing. Thread-safe.
 */
final class DriftCheck implements SmartInitializingSingleton {

  private static final Logger LOG = LoggerFactory.getLogger(DriftCheck.class);

  private static final String AT = DatabaseChecks.DATABASE + ".drift.";
  private static final int PARALLEL = 8;

  private final Databases databases;
  private final DriftProperties properties;
  private final SchemaReader reader;
  private final List<Pattern> ignored;
  private volatile @Nullable SchemaDrift found;

  private record Read(Map<Thing, String> schema, @Nullable String failure) {}

  DriftCheck(Databases databases, DriftProperties properties, SchemaReader reader) {
    this.databases = databases;
    this.properties = properties;
    this.reader = reader;
    this.ignored = properties.ignore().stream().map(DriftCheck::pattern).toList();
  }

  private static Pattern pattern(String ignored) {
    if (ignored.isBlank()) {
      throw Setting.wrong(
          AT + "ignore", "has an entry without a name.", "Name a table, as in audit_*.");
    }
    return Pattern.compile(
        List.of(ignored.strip().split("\\*", -1)).stream()
            .map(Pattern::quote)
            .collect(Collectors.joining(".*")));
  }

  @Override
  public void afterSingletonsInstantiated() {
    if (properties.onDrift() == OnDrift.OFF || databases.clusters().size() < 2) {
      return;
    }
    SchemaDrift drift = look();
    found = drift;
    drift
        .unread()
        .forEach((shard, why) -> LOG.warn("schema of {} is not compared: {}", shard, why));
    if (!drift.isFound()) {
      return;
    }
    if (properties.onDrift() == OnDrift.STOP) {
      throw Setting.wrong(
          AT + "on-drift",
          "is stop, and the schemas of the shards differ:\n    "
              + String.join("\n    ", drift.differences()),
          "Make them the same, name what may differ in " + AT + "ignore, or say warn.");
    }
    LOG.warn(
        "the schemas of the shards differ ({}ignore names what may):\n    {}",
        AT,
        String.join("\n    ", drift.differences()));
  }

  /** Reads and compares them now. */
  SchemaDrift look() {
    Map<String, Map<Thing, String>> schemas = new LinkedHashMap<>();
    Map<String, String> unread = new LinkedHashMap<>();
    EachShard.run(
            new TreeSet<>(databases.clusters().keySet()), PARALLEL, "headroom-drift", this::read)
        .forEach(
            (shard, read) -> {
              if (read.failure() == null) {
                schemas.put(shard, read.schema());
              } else {
                unread.put(shard, read.failure());
              }
            });
    return SchemaDrift.between(schemas, unread);
  }

  private Read read(String shard) {
    try {
      Map<Thing, String> schema = Silence.ask(bounded -> schemaOf(shard, bounded));
      schema.keySet().removeIf(this::isIgnored);
      return new Read(schema, null);
    } catch (SQLException unreachable) {
      return new Read(Map.of(), String.valueOf(unreachable.getMessage()));
    }
  }

  private Map<Thing, String> schemaOf(String shard, boolean bounded) throws SQLException {
    try (Connection connection = databases.primaryOf(shard).getConnection()) {
      return reader.read(connection, bounded);
    }
  }

  private boolean isIgnored(Thing thing) {
    String full = thing.table() + "." + thing.name();
    return ignored.stream()
        .anyMatch(each -> each.matcher(thing.table()).matches() || each.matcher(full).matches());
  }

  /** What the start has found; null if it has not looked. */
  @Nullable SchemaDrift found() {
    return found;
  }
}
