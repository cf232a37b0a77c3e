package io.headroom.testkit.sharding;

import io.headroom.sharding.Shard;
import java.io.Serial;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A law that doesn't hold, with the counter-example. */
final class Broken extends AssertionError {

  private static final int NAMED = 12;

  @Serial private static final long serialVersionUID = 1L;

  private Broken(String message) {
    super(message);
  }

  @SuppressWarnings("AnnotateFormatMethod") // its annotations would be one more jar for users
  static Broken law(
      ShardLaw law, RouterSubject<?> subject, String counterExample, @Nullable Object... details) {
    return new Broken(
        String.format(
            Locale.ROOT,
            "'%s' breaks %s: %s",
            subject.name(),
            law,
            String.format(Locale.ROOT, counterExample, details)));
  }

  Broken causedBy(Throwable cause) {
    initCause(cause);
    return this;
  }

  static String key(@Nullable Object key) {
    String text = key instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(key);
    return key == null ? "key null" : "key " + text + " (" + key.getClass().getSimpleName() + ")";
  }

  static String members(List<Shard> members) {
    return some(
        members.stream()
            .map(shard -> shard.weight() == 1 ? shard.id() : shard.id() + " × " + shard.weight())
            .toList());
  }

  static String some(Collection<String> names) {
    String text =
        names.stream().sorted().limit(NAMED).map(String::trim).collect(Collectors.joining(", "));
    return "[" + text + (names.size() > NAMED ? ", … " + names.size() + " in all" : "") + "]";
  }
}
