package io.headroom.sharding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a map from what {@link ShardMapJson} wrote; trusts nothing in it. */
final class ShardMapParser {

  private final JsonFields root;

  /** Where a wrong argument comes from, if there is one. */
  private String path = "the whole";

  private final List<Shard> shards = new ArrayList<>();
  private final List<String> slotsByShard = new ArrayList<>();
  private final Map<String, Map<String, Object>> extras = new HashMap<>();

  private ShardMapParser(JsonFields root) {
    this.root = root;
  }

  static ShardMap parse(String json) {
    JsonFields root = JsonFields.of("the whole", JsonReader.read(json));
    long format = root.integer("format", 1, Long.MAX_VALUE);
    if (format > ShardMapJson.FORMAT) {
      throw new ShardMapException(
          "the shard map is of format "
              + format
              + ", newer than "
              + ShardMapJson.FORMAT
              + ", the newest that this version of Headroom reads: update Headroom first");
    }
    String fingerprint = root.text("fingerprint");
    ShardMap map = new ShardMapParser(root).map();
    if (!map.fingerprint().equals(fingerprint)) {
      throw new ShardMapException(
          "the shard map's fingerprint is '"
              + fingerprint
              + "', but that of its content is '"
              + map.fingerprint()
              + "': the text was damaged or edited. Take the last good copy; if the edit is meant,"
              + " write the latter as its fingerprint");
    }
    return map;
  }

  /** What is a wrong argument elsewhere is a bad map here, at this place in it. */
  private ShardMap map() {
    try {
      return checked();
    } catch (IllegalArgumentException | UnknownShardException e) {
      throw new ShardMapException("in the shard map " + path + ": " + e.getMessage(), e);
    }
  }

  private ShardMap checked() {
    long epoch = root.integer("epoch", 1, Long.MAX_VALUE);
    int slotCount = (int) root.integer("slotCount", 1, ShardMap.MAX_SLOTS);
    List<String> regions = new ArrayList<>();
    for (Object region : root.listOrEmpty("regions")) {
      regions.add(region instanceof String name ? name : notText("regions", region));
    }
    int next =
        (int)
            root.integerOr(
                "nextPinSlot",
                ShardMap.FIRST_PINNED_SLOT,
                Integer.MAX_VALUE,
                ShardMap.FIRST_PINNED_SLOT);
    List<?> shardList = root.list("shards");
    for (int i = 0; i < shardList.size(); i++) {
      JsonFields fields = JsonFields.of("shards[" + i + "]", shardList.get(i));
      path = fields.path();
      shard(fields);
    }
    path = "shards";
    ShardTable table = ShardTable.of(shards, extras);
    int[] owners = owners(table, slotCount);
    PinTable pins = pins(table, next);
    SlotStates states = states(table, owners, pins);
    path = "the whole";
    MapChecks.checkRegionNames(regions);
    return new ShardMap(
        epoch, List.copyOf(regions), table, OwnerTable.of(owners), states, pins, root.unknown());
  }

  private void shard(JsonFields fields) {
    JsonFields labelFields = fields.objectOrNull("labels");
    Map<String, String> labels = new HashMap<>();
    if (labelFields != null) {
      for (String name : labelFields.names()) {
        labels.put(name, labelFields.text(name));
      }
    }
    String id = fields.text("id");
    double weight = fields.number("weight");
    String region = fields.textOrNull("region");
    String zone = fields.textOrNull("zone");
    String state = fields.textOrNull("state");
    ShardState parsed = state == null ? ShardState.ACTIVE : oneOf(ShardState.class, fields, state);
    shards.add(new Shard(id, weight, region, zone, parsed, labels));
    slotsByShard.add(fields.text("slots"));
    if (!fields.unknown().isEmpty()) {
      extras.put(id, fields.unknown());
    }
  }

  private int[] owners(ShardTable table, int slotCount) {
    int[] owners = new int[slotCount];
    Arrays.fill(owners, -1);
    for (int i = 0; i < shards.size(); i++) {
      int owner = table.require(shards.get(i).id());
      path = "shards[" + i + "].slots";
      SlotRanges.read(slotsByShard.get(i), slot -> own(table, owners, slot, owner));
    }
    SlotRanges.Writer ownerless = new SlotRanges.Writer();
    int count = 0;
    for (int slot = 0; slot < slotCount; slot++) {
      if (owners[slot] < 0) {
        ownerless.add(slot);
        count++;
      }
    }
    if (count > 0) {
      String ranges = ownerless.toString();
      throw new ShardMapException(
          "in the shard map "
              + count
              + " of "
              + slotCount
              + " slots are owned by nobody ("
              + (ranges.length() > 60 ? ranges.substring(0, 60) + "…" : ranges)
              + "): every slot needs an owner; take a whole copy");
    }
    return owners;
  }

  private static void own(ShardTable table, int[] owners, int slot, int owner) {
    if (slot >= owners.length) {
      throw new IllegalArgumentException(
          "slot " + slot + " is beyond the last, which is " + (owners.length - 1));
    }
    if (owners[slot] >= 0) {
      throw new IllegalArgumentException(
          "slot " + slot + " is owned by '" + table.id(owners[slot]) + "' too: take one of them");
    }
    owners[slot] = owner;
  }

  private PinTable pins(ShardTable table, int next) {
    Set<Object> seen = new HashSet<>();
    int least = ShardMap.FIRST_PINNED_SLOT;
    List<?> list = root.listOrEmpty("pins");
    PinTable.Restored pins = new PinTable.Restored(list.size());
    for (int i = 0; i < list.size(); i++) {
      JsonFields fields = JsonFields.of("pins[" + i + "]", list.get(i));
      int slot = (int) fields.integer("slot", least, next - 1L);
      String type = fields.text("type");
      String text = fields.text("key");
      String shard = fields.text("shard");
      path = fields.path();
      Object key = PinKeys.parse(type, text);
      PinKeys.addOnce(key, seen);
      pins.add(key, slot, table.require(shard), fields.unknown());
      least = slot + 1;
    }
    return pins.build(next);
  }

  private SlotStates states(ShardTable table, int[] owners, PinTable pins) {
    List<?> list = root.listOrEmpty("slots");
    if (list.isEmpty()) {
      return SlotStates.NONE;
    }
    SlotStates.Builder states = new SlotStates.Builder(owners.length);
    BitSet seen = new BitSet();
    for (int i = 0; i < list.size(); i++) {
      JsonFields fields = JsonFields.of("slots[" + i + "]", list.get(i));
      String slots = fields.text("slots");
      SlotState state = oneOf(SlotState.class, fields, fields.text("state"));
      String target = fields.textOrNull("target");
      long version = fields.integer("version", 0, Long.MAX_VALUE);
      path = fields.path();
      int ordinal = target(table, state, target);
      SlotRanges.read(
          slots,
          slot -> {
            int owner = owner(slot, owners, pins, seen);
            if (owner == ordinal) {
              throw new IllegalArgumentException(
                  "slot " + slot + " is on its way to '" + target + "', which owns it");
            }
            if (ordinal >= 0) {
              states.move(slot, ordinal, state == SlotState.FENCED);
            }
            states.version(slot, version);
            states.extra(slot, fields.unknown());
          });
    }
    return states.build();
  }

  private static int target(ShardTable table, SlotState state, @Nullable String target) {
    if ((state == SlotState.OWNED) != (target == null)) {
      throw new IllegalArgumentException(
          state + (target == null ? " without a target" : " with the target '" + target + "'"));
    }
    return target == null ? -1 : table.require(target);
  }

  /** Owner of a slot that must exist, and must not have had a status yet. */
  private static int owner(int slot, int[] owners, PinTable pins, BitSet seen) {
    int position = slot < owners.length ? -1 : pins.position(slot);
    if (slot >= owners.length && position < 0) {
      throw new IllegalArgumentException("slot " + slot + " is not in the map");
    }
    int index = slot < owners.length ? slot : owners.length + position;
    if (seen.get(index)) {
      throw new IllegalArgumentException("slot " + slot + " has two statuses: remove one");
    }
    seen.set(index);
    return slot < owners.length ? owners[slot] : pins.owner(position);
  }

  private static String notText(String path, @Nullable Object value) {
    throw new ShardMapException("in the shard map " + path + " has " + value + ": give texts");
  }

  private static <E extends Enum<E>> E oneOf(Class<E> type, JsonFields fields, String name) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(name)) {
        return constant;
      }
    }
    throw new ShardMapException(
        "in the shard map "
            + fields.path()
            + ".state is '"
            + name
            + "': give one of "
            + Arrays.toString(type.getEnumConstants()));
  }
}
