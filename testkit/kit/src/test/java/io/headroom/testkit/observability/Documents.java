package io.headroom.testkit.observability;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where files of the project are. */
final class Documents {

  private Documents() {}

  /** From the project's own folder: the highest one above with a pom.xml. */
  static Path inProject(String file) {
    Path root = Path.of("").toAbsolutePath();
    for (Path folder = root; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("pom.xml"))) {
        root = folder;
      }
    }
    return root.resolve(file);
  }

  /** The source of a published class. */
  static Path sourceOf(Class<?> type) throws IOException {
    String below = "src/main/java/" + type.getName().replace('.', '/') + ".java";
    try (Stream<Path> modules = Files.list(inProject(""))) {
      List<Path> found =
          modules.map(module -> module.resolve(below)).filter(Files::exists).toList();
      if (found.size() != 1) {
        throw new AssertionError("source of " + type.getName() + " found at " + found);
      }
      return found.get(0);
    }
  }
}
