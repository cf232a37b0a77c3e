package io.headroom.sharding;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a map, sorted by id and held compactly: about 20 bytes a shard beside the id's own.
 *
 * <p>A hundred thousand {@link Shard} objects take 10 MB, more than all the rest of a map; so ids
 * lie in one UTF-8 block, everything else in profiles that shards share, and a Shard is made when
 * it is first asked for. The order is that of the UTF-8 bytes, which is code point order. Immutable
 * but for the cache, which is filled by benign races: Shard has only final fields.
 */
final class ShardTable {

  /** All of a shard but its id; extra holds the fields that the JSON reader didn't know. */
  record Profile(Shard sample, Map<String, Object> extra) {
    @Override
    public int hashCode() {
      // Not that of Shard, which is the id's alone and the same for every sample.
      return Objects.hash(
          sample.weight(), sample.region(), sample.zone(), sample.state(), sample.labels(), extra);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Profile that && fits(that.sample, that.extra);
    }

    /** Whether this is the profile of a shard, whatever its id. */
    boolean fits(Shard shard, Map<String, Object> fields) {
      return Double.compare(sample.weight(), shard.weight()) == 0
          && sample.state() == shard.state()
          && Objects.equals(sample.region(), shard.region())
          && Objects.equals(sample.zone(), shard.zone())
          && sample.labels().equals(shard.labels())
          && extra.equals(fields);
    }
  }

  private final byte[] idBytes;
  private final int[] idEnds;
  private final Profile[] profiles;

  /** Empty when all shards have the one profile. */
  private final int[] profileOf;

  private final @Nullable Shard[] cache;

  private ShardTable(byte[] idBytes, int[] idEnds, Profile[] profiles, int[] profileOf) {
    this.idBytes = idBytes;
    this.idEnds = idEnds;
    this.profiles = profiles;
    this.profileOf = profileOf;
    this.cache = new Shard[idEnds.length];
  }

  /** Sorts the shards by id; refuses none at all and two of one id. */
  static ShardTable of(Collection<Shard> shards, Map<String, Map<String, Object>> extras) {
    if (shards.isEmpty()) {
      throw new IllegalArgumentException("no shards are given: a map needs at least one");
    }
    List<Entry> entries = new ArrayList<>(shards.size());
    int length = 0;
    for (Shard shard : shards) {
      byte[] id = shard.id().getBytes(StandardCharsets.UTF_8);
      length += id.length;
      entries.add(new Entry(id, shard));
    }
    entries.sort((a, b) -> Arrays.compareUnsigned(a.id, b.id));
    byte[] idBytes = new byte[length];
    int[] idEnds = new int[entries.size()];
    int[] profileOf = new int[entries.size()];
    Map<Profile, Integer> interned = new HashMap<>();
    List<Profile> profiles = new ArrayList<>();
    int end = 0;
    for (int i = 0; i < idEnds.length; i++) {
      Entry entry = entries.get(i);
      if (i > 0 && Arrays.equals(entry.id, entries.get(i - 1).id)) {
        throw new IllegalArgumentException(
            "shard '" + entry.shard.id() + "' is given twice: ids must be distinct, remove one");
      }
      System.arraycopy(entry.id, 0, idBytes, end, entry.id.length);
      end += entry.id.length;
      idEnds[i] = end;
      Map<String, Object> extra = extras.getOrDefault(entry.shard.id(), Map.of());
      if (i > 0 && profiles.get(profileOf[i - 1]).fits(entry.shard, extra)) {
        profileOf[i] = profileOf[i - 1];
        continue;
      }
      Profile profile = new Profile(anonymous(entry.shard), extra);
      Integer known = interned.putIfAbsent(profile, profiles.size());
      if (known == null) {
        profileOf[i] = profiles.size();
        profiles.add(profile);
      } else {
        profileOf[i] = known;
      }
    }
    boolean uniform = profiles.size() == 1;
    return new ShardTable(
        idBytes, idEnds, profiles.toArray(new Profile[0]), uniform ? new int[0] : profileOf);
  }

  private static Shard anonymous(Shard shard) {
    return new Shard(
        "profile", shard.weight(), shard.region(), shard.zone(), shard.state(), shard.labels());
  }

  int size() {
    return idEnds.length;
  }

  String id(int ordinal) {
    Shard known = cache[ordinal];
    if (known != null) {
      return known.id();
    }
    int start = start(ordinal);
    return new String(idBytes, start, idEnds[ordinal] - start, StandardCharsets.UTF_8);
  }

  /** Position of the shard of this id, or -1. */
  int ordinal(String id) {
    byte[] wanted = id.getBytes(StandardCharsets.UTF_8);
    int low = 0;
    int high = idEnds.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order =
          Arrays.compareUnsigned(idBytes, start(middle), idEnds[middle], wanted, 0, wanted.length);
      if (order == 0) {
        // A lone surrogate is encoded as '?': only the very same text is a match.
        return id(middle).equals(id) ? middle : -1;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  /** Position of the shard of this id, which must be there. */
  int require(String id) {
    int ordinal = ordinal(id);
    if (ordinal < 0) {
      throw new UnknownShardException(
          id,
          "shard '"
              + id
              + "' is not in the map, which has "
              + size()
              + (size() == 1 ? " shard: " : " shards: ")
              + sampleOfIds()
              + "; check the spelling, or add it by a rebalance");
    }
    return ordinal;
  }

  private String sampleOfIds() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(size(), 5); i++) {
      text.append(i == 0 ? "'" : ", '").append(id(i)).append('\'');
    }
    return size() > 5 ? text.append(", …").toString() : text.toString();
  }

  Shard shard(int ordinal) {
    Shard known = cache[ordinal];
    if (known == null) {
      Shard sample = attributes(ordinal);
      known =
          new Shard(
              id(ordinal),
              sample.weight(),
              sample.region(),
              sample.zone(),
              sample.state(),
              sample.labels());
      cache[ordinal] = known;
    }
    return known;
  }

  /** All but the id, without making a Shard. */
  Shard attributes(int ordinal) {
    return profile(ordinal).sample;
  }

  Map<String, Object> extra(int ordinal) {
    return profile(ordinal).extra;
  }

  private Profile profile(int ordinal) {
    return profiles[profileOf.length == 0 ? 0 : profileOf[ordinal]];
  }

  private int start(int ordinal) {
    return ordinal == 0 ? 0 : idEnds[ordinal - 1];
  }

  /** The further fields of all shards, by id: what a table made from this one must keep. */
  Map<String, Map<String, Object>> extras() {
    Map<String, Map<String, Object>> extras = new HashMap<>();
    for (int i = 0; i < size(); i++) {
      if (!extra(i).isEmpty()) {
        extras.put(id(i), extra(i));
      }
    }
    return extras;
  }

  /** For each ordinal here the ordinal of the same id there, or -1. Both are sorted. */
  int[] ordinalsIn(ShardTable other) {
    int[] there = new int[size()];
    int j = 0;
    for (int i = 0; i < there.length; i++) {
      int order = -1;
      while (j < other.size() && (order = compare(other, j, i)) < 0) {
        j++;
      }
      there[i] = j < other.size() && order == 0 ? j : -1;
    }
    return there;
  }

  private int compare(ShardTable other, int theirs, int ours) {
    return Arrays.compareUnsigned(
        other.idBytes,
        other.start(theirs),
        other.idEnds[theirs],
        idBytes,
        start(ours),
        idEnds[ours]);
  }

  /** A view of all shards in order. */
  List<Shard> asList() {
    return new View();
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof ShardTable table)
        || !Arrays.equals(idEnds, table.idEnds)
        || !Arrays.equals(idBytes, table.idBytes)) {
      return false;
    }
    for (int i = 0; i < size(); i++) {
      if (!profile(i).equals(table.profile(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(idBytes);
  }

  private static final class Entry {
    private final byte[] id;
    private final Shard shard;

    Entry(byte[] id, Shard shard) {
      this.id = id;
      this.shard = shard;
    }
  }

  private final class View extends AbstractList<Shard> implements RandomAccess {
    @Override
    public Shard get(int index) {
      return shard(index);
    }

    @Override
    public int size() {
      return ShardTable.this.size();
    }
  }
}
