package com.example.tenants;

import io.headroom.sharding.Shard;
import io.headroom.testkit.sharding.RouterSubject;
import io.headroom.testkit.sharding.RouterSubjectSource;
import io.headroom.testkit.sharding.SampleKeys;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Routers as one finds them in the wild. None of them passes. */
final class BrokenRouters {

  private BrokenRouters() {}

  /** The classic: another shard more, and nearly every key is somewhere else. */
  static RouterSubject<String> hashCodeModulo() {
    return subject(
        "hashCode % n",
        shards -> key -> shards.get(Math.floorMod(key.hashCode(), shards.size())).id());
  }

  /** Rendezvous hashing, but all shards alike: the small ones fill up first. */
  static RouterSubject<String> weightBlind() {
    return subject(
        "weight-blind",
        shards ->
            key ->
                shards.stream()
                    .max(Comparator.comparingLong(shard -> draw(shard, key)))
                    .orElseThrow()
                    .id());
  }

  /** Helpful: who has no name lives on the first shard, where nobody will ever look. */
  static RouterSubject<String> lenient() {
    return subject(
        "lenient",
        shards ->
            key ->
                key == null || key.isEmpty()
                    ? shards.get(0).id()
                    : shards.get(Math.floorMod(key.hashCode(), shards.size())).id());
  }

  /** Right in every test on the developer's machine, wrong on a server set up in Turkish. */
  static final class DefaultLocale implements RouterSubjectSource<String> {
    @Override
    @SuppressWarnings("StringCaseLocaleUsage") // that is what is broken about it
    public RouterSubject<String> subject() {
      return BrokenRouters.subject(
          "default locale",
          shards ->
              key -> shards.get(Math.floorMod(key.toLowerCase().hashCode(), shards.size())).id());
    }
  }

  private static RouterSubject<String> subject(
      String name, Function<List<Shard>, Function<String, String>> routing) {
    return RouterSubject.<String>overMembers(name, shards -> routing.apply(sorted(shards)))
        .keys(SampleKeys.packageNames().map(key -> key.replace('i', 'I')))
        .build();
  }

  private static long draw(Shard shard, String key) {
    return new SplittableRandom((shard.id() + ":" + key).hashCode()).nextLong();
  }

  private static List<Shard> sorted(List<Shard> shards) {
    return shards.stream().sorted(Comparator.comparing(Shard::id)).toList();
  }
}
