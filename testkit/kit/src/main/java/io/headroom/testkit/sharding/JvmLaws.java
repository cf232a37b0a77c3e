package io.headroom.testkit.sharding;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Law 1 beyond this process: another JVM, and every other version of the router. */
final class JvmLaws<K> {

  /** The golden value's seed is part of its meaning: another one would be another value. */
  private static final long GOLDEN_SEED = 1;

  private static final int GOLDEN_BYTES = 8;

  private final RouterSubject<K> subject;

  JvmLaws(RouterSubject<K> subject) {
    this.subject = subject;
  }

  void sameElsewhere(Class<? extends RouterSubjectSource<?>> source, long seed) {
    List<String> here = OtherJvm.placement(subject, seed);
    List<String> elsewhere;
    try {
      elsewhere = OtherJvm.placementElsewhere(source, seed);
    } catch (IOException e) {
      throw new UncheckedIOException("the other JVM could not be asked", e);
    }
    if (elsewhere.size() != here.size()) {
      throw Broken.law(
          ShardLaw.SAME_IN_EVERY_JVM,
          subject,
          "%s gave %d keys in the other JVM, %d here: it must make the same subject everywhere",
          source.getName(),
          elsewhere.size(),
          here.size());
    }
    for (int i = 0; i < here.size(); i++) {
      if (!here.get(i).equals(elsewhere.get(i))) {
        throw Broken.law(
            ShardLaw.SAME_IN_EVERY_JVM,
            subject,
            "here %s; in the other JVM %s",
            here.get(i),
            elsewhere.get(i));
      }
    }
  }

  String goldenValue() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String line : OtherJvm.placement(subject, GOLDEN_SEED)) {
        digest.update(line.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
      }
      return HexFormat.of().formatHex(digest.digest(), 0, GOLDEN_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  void sameAsGolden() {
    String golden = subject.goldenValue;
    String now = goldenValue();
    if (golden != null && !golden.equals(now)) {
      throw Broken.law(
          ShardLaw.SAME_IN_EVERY_JVM,
          subject,
          "the golden value was %s and is %s: some keys are no longer where their rows are",
          golden,
          now);
    }
  }
}
