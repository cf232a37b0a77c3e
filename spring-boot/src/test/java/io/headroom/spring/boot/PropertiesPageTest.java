package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** docs/properties.md lists every property of the starter, as the metadata has it. */
class PropertiesPageTest {

  private static final Path ROOT = projectRoot();
  private static final Path PAGE = ROOT.resolve("docs/properties.md");
  private static final ParamTags TAGS = new ParamTags(ROOT.resolve("spring-boot/src/main/java"));

  private static Path projectRoot() {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("spring-boot/README.md"))) {
      root = root.getParent();
    }
    return root;
  }

  @Test
  void thePageIsWhatTheMetadataSays() throws IOException {
    PropertiesPage page = new PropertiesPage(PropertiesPage.metadata(), TAGS);
    assertThat(page.undescribed()).isEmpty();
    if (Boolean.getBoolean("properties.write")) {
      Files.write(PAGE, page.markdown());
    }
    assertThat(Files.readAllLines(PAGE))
        .as("docs/properties.md is to be written anew: %s", PropertiesPage.COMMAND)
        .isEqualTo(page.markdown());
  }

  @Test
  void noPropertyOfTheMetadataIsMissing() throws IOException {
    Map<String, Map<String, Object>> metadata = new TreeMap<>(PropertiesPage.metadata());
    assertThat(metadata).hasSizeGreaterThan(60);
    assertThat(new PropertiesPage(metadata, TAGS).missing()).isEmpty();
    metadata.put("headroom.guard.unheard", Map.of());
    assertThat(new PropertiesPage(metadata, TAGS).missing())
        .containsExactly("headroom.guard.unheard");
  }

  @Test
  void whatAMapsValuesHaveIsThereToo() throws IOException {
    assertThat(new PropertiesPage(PropertiesPage.metadata(), TAGS).markdown())
        .contains(
            "| `headroom.caches.<name>.shared` | `true`, `false` | `false` | whether Redis holds"
                + " its values for all processes: those of `sync = true` methods, while a plain"
                + " `@Cacheable` keeps its own in its process, and is warned of |",
            "| `headroom.caches.<name>.shared-ttl` | duration | an hour | how long Redis has a"
                + " value |",
            "| `headroom.limits.<name>.by` | `all`, `address`, `user`, `subject` | – | whom it"
                + " counts apart; unless set, nobody over HTTP, and what it is asked for in code |")
        .anyMatch(line -> line.startsWith("| `headroom.database.replicas.<name>.*` |"));
  }

  @Test
  void aComponentsTextIsItsTagOnOneLine() {
    String source =
        """
        /**
         * A thing.
         *
         * @param one the {@code first},
         *     in two lines
         * @param other
         */
        record Thing(int one, int other) {}
        """;
    assertThat(ParamTags.in(source, "Thing", "one")).isEqualTo("the `first`, in two lines");
    assertThat(ParamTags.in(source, "Thing", "other")).isEmpty();
    assertThat(ParamTags.in(source, "Nothing", "one")).isEmpty();
  }
}
