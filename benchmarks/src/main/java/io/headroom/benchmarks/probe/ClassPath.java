package io.headroom.benchmarks.probe;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The entries of a class path: jars, or a module's folder of classes where Maven has not packed it
 * yet.
 *
 * @param entries files and folders
 */
record ClassPath(List<Path> entries) {

  static ClassPath ofThisJvm() {
    return new ClassPath(
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.isEmpty())
            .map(Path::of)
            .toList());
  }

  /** What of this holds the named jars or modules. */
  ClassPath only(DependencyTree tree, Set<String> names) {
    return new ClassPath(names.stream().map(name -> entry(tree, name)).toList());
  }

  private Path entry(DependencyTree tree, String name) {
    String jar = tree.jarName(name);
    return entries.stream()
        .filter(path -> path.endsWith(jar) || isModule(path, name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("no " + jar + " on the class path: " + entries));
  }

  /** A module of this build: {@code headroom-core} is {@code core/target/classes}. */
  private static boolean isModule(Path path, String name) {
    String ours = "io.headroom:headroom-";
    return name.startsWith(ours)
        && path.endsWith(Path.of(name.substring(ours.length()), "target", "classes"));
  }

  ClassPath with(Path more) {
    return new ClassPath(Stream.concat(entries.stream(), Stream.of(more)).toList());
  }

  int size() {
    return entries.size();
  }

  /** The bytes of all entries; a folder counts as the jar that it would make. */
  long bytes() throws IOException {
    long sum = 0;
    for (Path entry : entries) {
      sum += Files.isDirectory(entry) ? packedSize(entry) : Files.size(entry);
    }
    return sum;
  }

  private static long packedSize(Path folder) throws IOException {
    AtomicLong bytes = new AtomicLong();
    OutputStream counter =
        new OutputStream() {
          @Override
          public void write(int b) {
            bytes.incrementAndGet();
          }

          @Override
          public void write(byte[] source, int offset, int length) {
            bytes.addAndGet(length);
          }
        };
    try (ZipOutputStream zip = new ZipOutputStream(counter);
        Stream<Path> files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .sorted()
          .forEach(file -> pack(zip, folder.relativize(file).toString(), file));
    }
    return bytes.get();
  }

  private static void pack(ZipOutputStream zip, String name, Path file) {
    try {
      zip.putNextEntry(new ZipEntry(name));
      Files.copy(file, zip);
      zip.closeEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As the argument of {@code -classpath}. */
  String print() {
    return entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }
}
