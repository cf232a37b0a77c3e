package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Routes the sample keys of a subject and writes down where: in this JVM, and as the main class of
 * another.
 */
final class OtherJvm {

  private static final int KEYS = 1_000;

  private OtherJvm() {}

  /**
   * Writes the placement that a subject gives here.
   *
   * @param args the subject source's class, a seed, the file to write
   */
  public static void main(String[] args) throws ReflectiveOperationException, IOException {
    RouterSubject<?> subject = subjectOf(Class.forName(args[0]));
    Files.write(Path.of(args[2]), placement(subject, Long.parseLong(args[1]), true));
  }

  private static RouterSubject<?> subjectOf(Class<?> source) throws ReflectiveOperationException {
    Constructor<?> constructor = source.getDeclaredConstructor();
    constructor.setAccessible(true);
    return ((RouterSubjectSource<?>) constructor.newInstance()).subject();
  }

  /** One line for each membership and key. */
  static <K> List<String> placement(RouterSubject<K> subject, long seed) {
    return placement(subject, seed, false);
  }

  private static <K> List<String> placement(RouterSubject<K> subject, long seed, boolean reversed) {
    List<String> lines = new ArrayList<>();
    for (Membership members : Samples.memberships(seed)) {
      List<Shard> shards = new ArrayList<>(members.shards());
      if (reversed) {
        Collections.reverse(shards);
      }
      Routing<K> routing = subject.over(shards);
      for (K key : subject.keys().drawWithEdgeCases(seed, KEYS)) {
        lines.add(
            String.format(
                Locale.ROOT,
                "%s of %d shards → %s",
                Broken.key(key),
                shards.size(),
                routing.shardOf(key)));
      }
    }
    return lines;
  }

  /**
   * Has another JVM write its placement: one whose locale, digits, encoding and time zone are
   * unusual, since those are what a router must not depend on.
   */
  static List<String> placementElsewhere(Class<? extends RouterSubjectSource<?>> source, long seed)
      throws IOException {
    Path file = Files.createTempFile("placement", ".txt");
    Path output = Files.createTempFile("placement", ".out");
    try {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Duser.language=tr",
                  "-Duser.country=TR",
                  "-Duser.extensions=u-nu-arab",
                  "-Duser.timezone=Pacific/Kiritimati",
                  "-Dfile.encoding=ISO-8859-1",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  OtherJvm.class.getName(),
                  source.getName(),
                  Long.toString(seed),
                  file.toString())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      int exit = process.waitFor();
      if (exit != 0) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "the other JVM ended with exit code %d and said:%n%s",
                exit,
                Files.readString(output)));
      }
      return Files.readAllLines(file);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the other JVM", e);
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(output);
    }
  }
}
