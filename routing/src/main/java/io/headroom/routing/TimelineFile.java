package io.headroom.routing;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Timelines in a file of lines {@code <cluster> <timeline> ;}, of which the highest counts. A line
 * is appended by one write, so that several processes may do it, and forced to disk; one without
 * its end is ignored, since its writer did not live to end it.
 */
final class TimelineFile implements TimelineStore {

  private static final Pattern LINE = Pattern.compile("(\\S+) (\\d{1,18}) ;");

  private final Path path;
  private final Map<String, Long> highest = new HashMap<>();

  private TimelineFile(Path path) {
    this.path = path;
  }

  static TimelineFile open(Path path) throws IOException {
    TimelineFile file = new TimelineFile(path.toAbsolutePath());
    file.read();
    return file;
  }

  private void read() throws IOException {
    String text;
    try {
      text = Files.readString(path);
    } catch (NoSuchFileException none) {
      return;
    }
    for (String line : text.lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        String cluster = URLDecoder.decode(matcher.group(1), StandardCharsets.UTF_8);
        highest.merge(cluster, Long.valueOf(matcher.group(2)), Math::max);
      }
    }
    if (highest.isEmpty() && !text.isBlank()) {
      throw new IOException(
          path + " is no file of timelines: it has no line '<cluster> <timeline> ;'");
    }
  }

  @Override
  public synchronized OptionalLong highest(String cluster) {
    @Nullable Long known = highest.get(cluster);
    return known == null ? OptionalLong.empty() : OptionalLong.of(known);
  }

  @Override
  public synchronized void remember(String cluster, long timeline) throws IOException {
    if (highest(cluster).orElse(-1) >= timeline) {
      return;
    }
    // a line of its own, even after one that another process did not live to end
    String name = URLEncoder.encode(cluster, StandardCharsets.UTF_8);
    String line = "\n" + name + " " + timeline + " ;\n";
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    highest.put(cluster, timeline);
  }

  @Override
  public String toString() {
    return "timeline file " + path;
  }
}
