package io.headroom.spring.boot;

import io.headroom.spring.boot.SchemaReader.Thing;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How the schemas of shards differ. Immutable.
 *
 * @param fingerprints a hash of each schema: the same for the same schemas, in any process
 * @param differences in words, one for each table, column, index, constraint or migration that is
 *     not the same everywhere
 * @param unread shards that could not be asked, and why
 */
record SchemaDrift(
    Map<String, String> fingerprints, List<String> differences, Map<String, String> unread) {

  private static final String MISSING = "missing";

  /** What most shards have is taken for what is meant. */
  static SchemaDrift between(Map<String, Map<Thing, String>> schemas, Map<String, String> unread) {
    Map<String, String> fingerprints = new LinkedHashMap<>();
    schemas.forEach((shard, schema) -> fingerprints.put(shard, fingerprint(schema)));
    List<String> differences = new ArrayList<>();
    if (fingerprints.values().stream().distinct().count() > 1) {
      TreeSet<Thing> things = new TreeSet<>();
      schemas.values().forEach(schema -> things.addAll(schema.keySet()));
      for (Thing thing : things) {
        if (!isPartOfMissing(thing, schemas)) {
          compare(thing, schemas, differences);
        }
      }
    }
    return new SchemaDrift(fingerprints, List.copyOf(differences), Map.copyOf(unread));
  }

  /** A table that is missing somewhere says so for all that it has. */
  private static boolean isPartOfMissing(Thing thing, Map<String, Map<Thing, String>> schemas) {
    Thing table = new Thing("table", thing.table(), "");
    return !thing.equals(table)
        && schemas.values().stream().anyMatch(schema -> !schema.containsKey(table))
        && schemas.values().stream()
                .filter(schema -> schema.containsKey(table))
                .map(schema -> String.valueOf(schema.get(thing)))
                .distinct()
                .count()
            <= 1;
  }

  private static void compare(
      Thing thing, Map<String, Map<Thing, String>> schemas, List<String> differences) {
    Map<String, List<String>> shardsByDefinition = new LinkedHashMap<>();
    schemas.forEach(
        (shard, schema) ->
            shardsByDefinition
                .computeIfAbsent(schema.getOrDefault(thing, MISSING), any -> new ArrayList<>())
                .add(shard));
    if (shardsByDefinition.size() > 1) {
      String usual = usual(shardsByDefinition);
      String odd =
          shardsByDefinition.entrySet().stream()
              .filter(each -> !each.getKey().equals(usual))
              .map(each -> "on " + String.join(", ", each.getValue()) + " " + said(each.getKey()))
              .collect(Collectors.joining("; "));
      differences.add(thing + ": " + odd + "; elsewhere " + said(usual));
    }
  }

  private static String said(String definition) {
    return definition.equals(MISSING) ? MISSING : "[" + definition.strip() + "]";
  }

  private static String usual(Map<String, List<String>> shardsByDefinition) {
    String usual = "";
    int most = 0;
    for (Map.Entry<String, List<String>> each : shardsByDefinition.entrySet()) {
      if (each.getValue().size() > most) { // the first, if two have as many
        most = each.getValue().size();
        usual = each.getKey();
      }
    }
    return usual;
  }

  private static String fingerprint(Map<Thing, String> schema) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException never) { // every Java has it
      throw new IllegalStateException(never);
    }
    schema.forEach(
        (thing, definition) ->
            digest.update((thing + " = " + definition + "\n").getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  boolean isFound() {
    return !differences.isEmpty();
  }

  /** For the endpoint. */
  Map<String, Object> view() {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("fingerprints", fingerprints);
    view.put("differences", differences);
    if (!unread.isEmpty()) {
      view.put("unread", unread);
    }
    return view;
  }
}
