package io.headroom.sharding;

import io.headroom.sharding.ShardColumns.Fields;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of a map: one line a shard with its slots as ranges, so that a difference between
 * two maps is a difference of few lines.
 *
 * <p>There is just one text for a map; its digest is the fingerprint, written last, so that a file
 * that was cut off or changed is noticed. {@link ShardMapParser} reads it.
 */
final class ShardMapJson {

  static final int FORMAT = 1;
  static final Set<String> SLOT_FIELDS = Set.of("slots", "state", "target", "version");

  private static final int FINGERPRINT_BYTES = 8;

  private final ShardMap map;
  private final JsonWriter out = new JsonWriter();

  private ShardMapJson(ShardMap map) {
    this.map = map;
  }

  static String write(ShardMap map) {
    String content = new ShardMapJson(map).content();
    String json = content + ",\n  \"fingerprint\": \"" + digest(content) + "\"\n}\n";
    requireReadable(map, json.length());
    return json;
  }

  /** What is written must be read again: a stored map that nobody can read would be lost. */
  static void requireReadable(ShardMap map, int length) {
    if (length > JsonReader.MAX_LENGTH) {
      throw new ShardMapException(
          map
              + " takes "
              + length
              + " characters of JSON, and up to "
              + JsonReader.MAX_LENGTH
              + " are read: pin fewer keys, or keep fewer fields in it");
    }
  }

  static String fingerprint(ShardMap map) {
    return digest(new ShardMapJson(map).content());
  }

  private static String digest(String content) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(Arrays.copyOf(hash, FINGERPRINT_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /** All but the fingerprint and the last brace. */
  private String content() {
    out.raw("{\n  ").name("format").value(FORMAT);
    field("epoch", map.epoch());
    field("slotCount", map.slotCount());
    if (!map.regions().isEmpty()) {
      field("regions", map.regions());
    }
    if (map.pinTable().next() > ShardMap.FIRST_PINNED_SLOT) {
      field("nextPinSlot", map.pinTable().next());
    }
    shards();
    slots();
    pins();
    for (Map.Entry<String, Object> extra : map.extra().entrySet()) {
      field(extra.getKey(), extra.getValue());
    }
    return out.toString();
  }

  private void field(String name, @Nullable Object value) {
    out.raw(",\n  ").name(name).value(value);
  }

  private void shards() {
    SlotRanges.Writer[] ranges = new SlotRanges.Writer[map.shardCount()];
    for (int i = 0; i < ranges.length; i++) {
      ranges[i] = new SlotRanges.Writer();
    }
    OwnerTable owners = map.owners();
    for (int slot = 0; slot < owners.size(); slot++) {
      ranges[owners.at(slot)].add(slot);
    }
    out.raw(",\n  ").name("shards");
    ShardTable table = map.table();
    for (int i = 0; i < table.size(); i++) {
      out.raw(i == 0 ? "[\n    {" : ",\n    {").name("id").value(table.id(i));
      attributes(table.fields(i));
      more("slots", ranges[i].toString());
      more(table.extra(i));
      out.raw("}");
    }
    out.raw("\n  ]");
  }

  private void attributes(Fields shard) {
    more("weight", JsonValues.number(Decimals.shortest(shard.weight())));
    if (shard.region() != null) {
      more("region", shard.region());
    }
    if (shard.zone() != null) {
      more("zone", shard.zone());
    }
    if (shard.state() != ShardState.ACTIVE) {
      more("state", shard.state().name());
    }
    if (!shard.labels().isEmpty()) {
      more("labels", shard.labels());
    }
  }

  private void more(String name, @Nullable Object value) {
    out.raw(", ").name(name).value(value);
  }

  private void more(Map<String, Object> fields) {
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      more(field.getKey(), field.getValue());
    }
  }

  /** Slots of one status share a line. */
  private record Status(SlotState state, int target, long version, Map<String, Object> extra) {
    private static final Status PLAIN = new Status(SlotState.OWNED, -1, 0, Map.of());
  }

  private void slots() {
    if (map.states().isPlain()) {
      return;
    }
    Map<Status, SlotRanges.Writer> ranges = new LinkedHashMap<>();
    for (int slot = 0; slot < map.slotCount(); slot++) {
      add(slot, ranges);
    }
    PinTable pins = map.pinTable();
    for (int i = 0; i < pins.size(); i++) {
      add(pins.slot(i), ranges);
    }
    ranges.remove(Status.PLAIN);
    if (ranges.isEmpty()) {
      return;
    }
    out.raw(",\n  ").name("slots");
    String separator = "[\n    {";
    for (Map.Entry<Status, SlotRanges.Writer> entry : ranges.entrySet()) {
      Status status = entry.getKey();
      out.raw(separator).name("slots").value(entry.getValue().toString());
      more("state", status.state.name());
      if (status.target >= 0) {
        more("target", map.table().id(status.target));
      }
      more("version", status.version);
      more(status.extra);
      out.raw("}");
      separator = ",\n    {";
    }
    out.raw("\n  ]");
  }

  private void add(int slot, Map<Status, SlotRanges.Writer> ranges) {
    SlotStates states = map.states();
    Status status =
        new Status(
            states.state(slot), states.target(slot), states.version(slot), states.extra(slot));
    ranges.computeIfAbsent(status, any -> new SlotRanges.Writer()).add(slot);
  }

  private void pins() {
    PinTable pins = map.pinTable();
    if (pins.size() == 0) {
      return;
    }
    out.raw(",\n  ").name("pins");
    for (int i = 0; i < pins.size(); i++) {
      out.raw(i == 0 ? "[\n    {" : ",\n    {").name("slot").value(pins.slot(i));
      more("type", PinKeys.typeName(pins.key(i)));
      more("key", PinKeys.text(pins.key(i)));
      more("shard", map.table().id(pins.owner(i)));
      more(pins.extra(i));
      out.raw("}");
    }
    out.raw("\n  ]");
  }
}
