package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A cache in a JVM of its own, which can be paused; its database is a folder. */
@SuppressWarnings("try") // scopes are opened for their effect
final class OtherProcess implements AutoCloseable {

  static final String CACHE = "paused";

  private final Process process;
  private final BufferedReader answers;

  OtherProcess(String uri, Path folder) throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName(),
                uri,
                folder.toString())
            .redirectError(Redirect.DISCARD)
            .start();
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** The same cache, on the other side. */
  static TieredCache<String, String> cache(RedisTier tier, Path folder) {
    return TieredCache.<String, String>builder(CACHE, key -> Files.readString(folder.resolve(key)))
        .shared(
            SharedTier.on(tier, CacheKeys.strings(), CacheCodec.strings())
                .maximumStaleness(Pair.MAX_STALENESS)
                .build())
        .build();
  }

  /** What it gets; with the token, if that is not empty, of one who has seen more. */
  String get(String key, String token) throws IOException {
    process.getOutputStream().write((key + " " + token + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the other process has ended");
    }
    return answer;
  }

  void pause() {
    signal("-STOP");
  }

  void wake() {
    signal("-CONT");
  }

  private void signal(String name) {
    try {
      int exit =
          new ProcessBuilder("kill", name, Long.toString(process.pid()))
              .inheritIO()
              .start()
              .waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill " + name + " ended with " + exit);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /**
   * Answers until its input ends.
   *
   * @param arguments where Redis is, and the folder
   */
  public static void main(String[] arguments) throws IOException {
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (RedisTier tier = RedisTier.connect(arguments[0]);
        TieredCache<String, String> cache = cache(tier, Path.of(arguments[1]))) {
      for (String line = questions.readLine(); line != null; line = questions.readLine()) {
        List<String> words = List.of(line.split(" ", -1));
        RequestContext request = RequestContext.builder().build();
        try (RequestContext.Scope unused = request.attach()) {
          if (!words.get(1).isEmpty()) {
            request.observe(ConsistencyToken.parse(words.get(1)));
          }
          System.out.println(cache.get(words.get(0)));
        }
      }
    }
  }
}
