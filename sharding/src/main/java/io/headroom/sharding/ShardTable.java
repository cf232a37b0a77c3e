package io.headroom.sharding;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a map, sorted by id and held compactly: about 20 bytes a shard beside the id's own.
 *
 * <p>A hundred thousand shards with texts of their own take 10 MB, more than all the rest of a map;
 * so ids lie in one UTF-8 block, everything else in profiles that shards share, and a {@link Shard}
 * is but the number of a row here, made when it is first asked for. The order is that of the UTF-8
 * bytes, which is code point order. Immutable but for the cache, which is filled by benign races:
 * what a Shard cannot make anew is final.
 */
final class ShardTable implements ShardColumns {

  /** All of a shard but its id; extra holds the fields that the JSON reader didn't know. */
  private record Profile(Fields fields, Map<String, Object> extra) {

    /** Written out for the reason that is given at {@link Fields#equals}. */
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Profile that
          && fields.equals(that.fields)
          && extra.equals(that.extra);
    }

    @Override
    public int hashCode() {
      return 31 * fields.hashCode() + extra.hashCode();
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
    List<Shard> sorted = new ArrayList<>(shards);
    sorted.sort((a, b) -> CodePoints.compare(a.id(), b.id()));
    ByteArrayOutputStream idBytes = new ByteArrayOutputStream();
    int[] idEnds = new int[sorted.size()];
    int[] profileOf = new int[sorted.size()];
    Map<Profile, Integer> interned = new HashMap<>();
    List<Profile> profiles = new ArrayList<>();
    for (int i = 0; i < idEnds.length; i++) {
      Shard shard = sorted.get(i);
      String id = shard.id();
      if (i > 0 && id.equals(sorted.get(i - 1).id())) {
        throw new IllegalArgumentException(
            "shard '" + id + "' is given twice: ids must be distinct, remove one");
      }
      idBytes.writeBytes(id.getBytes(StandardCharsets.UTF_8));
      idEnds[i] = idBytes.size();
      Profile profile = new Profile(shard.fields(), extras.getOrDefault(id, Map.of()));
      if (i > 0 && profile.equals(profiles.get(profileOf[i - 1]))) {
        profileOf[i] = profileOf[i - 1];
        continue;
      }
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
        idBytes.toByteArray(),
        idEnds,
        profiles.toArray(new Profile[0]),
        uniform ? new int[0] : profileOf);
  }

  int size() {
    return idEnds.length;
  }

  String id(int ordinal) {
    Shard known = cache[ordinal];
    return known != null ? known.id() : readId(ordinal);
  }

  @Override
  public String readId(int ordinal) {
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
      known = new Shard(this, ordinal);
      cache[ordinal] = known;
    }
    return known;
  }

  /** All but the id, without making a Shard. */
  @Override
  public Fields fields(int ordinal) {
    return profile(ordinal).fields;
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
    return new View<>(size(), this::shard);
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
}
