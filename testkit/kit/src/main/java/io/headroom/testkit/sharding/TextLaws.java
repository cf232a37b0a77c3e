package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.ShardMap;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Laws 6 and 7: what is written is read back, and ranges cover their keys. */
final class TextLaws<K> {

  private static final int DAMAGES = 60;
  private static final int PARTS_OF_RANGES = 8;

  private final RouterSubject<K> subject;

  TextLaws(RouterSubject<K> subject) {
    this.subject = subject;
  }

  void roundTrip(Membership members, Collection<? extends K> keys) {
    RouterSubject.TextForm<K> form = RouterSubject.given(subject.textForm);
    String text = form.write().apply(members.shards());
    requireSameRoutes(members, keys, form.read().apply(text), "read back from its text");
    if (subject.byMap != null) {
      mapReadsBackEqual(subject.mapOf(members.shards()));
      furtherFieldsAreKept(subject.mapOf(members.shards()));
    }
  }

  private void mapReadsBackEqual(ShardMap map) {
    ShardMap again = ShardMap.parse(map.toJson());
    if (!again.equals(map) || !again.toJson().equals(map.toJson())) {
      throw Broken.law(
          ShardLaw.TEXT_FORM, subject, "%s was read back as %s, not equal", map, again);
    }
  }

  /** Fields of a slot that this version doesn't know: what a later one will write there. */
  private void furtherFieldsAreKept(ShardMap map) {
    Map<String, Object> later = Map.of("x-later", Map.of("lsn", "0/16B3748", "n", List.of(1L)));
    ShardMap again = ShardMap.parse(map.withSlotFields(0, later).toJson());
    if (!again.slotStatus(0).extra().equals(later)) {
      throw Broken.law(
          ShardLaw.TEXT_FORM,
          subject,
          "the further fields %s of slot 0 were read back as %s",
          later,
          again.slotStatus(0).extra());
    }
  }

  void damagedTextIsRefused(Membership members, long seed, Collection<? extends K> keys) {
    RouterSubject.TextForm<K> form = RouterSubject.given(subject.textForm);
    String text = form.write().apply(members.shards());
    Random random = new Random(seed);
    String whole = text.stripTrailing();
    for (int i = 0; i < DAMAGES; i++) {
      int at = i == 0 ? whole.length() - 1 : random.nextInt(whole.length());
      String cut = whole.substring(0, at);
      if (readOrNull(form, cut) != null) {
        throw Broken.law(
            ShardLaw.TEXT_FORM,
            subject,
            "the first %d of %d characters of its text were read as if they were the whole",
            at,
            whole.length());
      }
      char other = (char) (' ' + random.nextInt('~' - ' '));
      String changed = text.substring(0, at) + other + text.substring(at + 1);
      Function<? super K, String> read = readOrNull(form, changed);
      if (read != null) {
        requireSameRoutes(
            members, keys, read, "read from text with '" + other + "' as character " + at);
      }
    }
  }

  private @Nullable Function<? super K, String> readOrNull(
      RouterSubject.TextForm<K> form, String text) {
    try {
      return form.read().apply(text);
    } catch (RuntimeException refused) {
      return null;
    }
  }

  private void requireSameRoutes(
      Membership members,
      Collection<? extends K> keys,
      Function<? super K, String> read,
      String circumstance) {
    Routing<K> written = subject.over(members.shards());
    for (K key : keys) {
      String expected = written.shardOf(key);
      String actual = read.apply(key);
      if (!expected.equals(actual)) {
        throw Broken.law(
            ShardLaw.TEXT_FORM,
            subject,
            "%s is on '%s', but on '%s' for the router %s; members are %s",
            Broken.key(key),
            expected,
            actual,
            circumstance,
            Broken.members(members.shards()));
      }
    }
  }

  void ranges(Membership members, Collection<? extends K> keys) {
    RouterSubject.Ranges<K> ranges = RouterSubject.given(subject.ranges);
    ShardMap map = subject.mapOf(members.shards());
    Routing<K> routing = subject.over(map);
    var shardsBetween = ranges.shards().apply(map);
    List<K> sorted = keys.stream().<K>map(key -> key).sorted(ranges.order()).toList();
    Random random = new Random(sorted.size());
    for (int i = 0; i < PARTS_OF_RANGES && !sorted.isEmpty(); i++) {
      int first = i == 0 ? 0 : random.nextInt(sorted.size());
      int last = i == 0 ? sorted.size() - 1 : first + random.nextInt(sorted.size() - first);
      K from = sorted.get(first);
      K to = sorted.get(last);
      Collection<String> answer = shardsBetween.apply(from, to);
      for (K key : sorted.subList(first, last + 1)) {
        String shard = routing.shardOf(key);
        if (!answer.contains(shard)) {
          throw Broken.law(
              ShardLaw.RANGES,
              subject,
              "%s is on '%s', which is not among the shards %s from %s to %s",
              Broken.key(key),
              shard,
              Broken.some(answer),
              Broken.key(from),
              Broken.key(to));
        }
      }
    }
  }
}
