package com.example.market.growth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * docs/growth.md shows how the stages differ, as their sources do, and a table for each step. The
 * diffs are written anew by {@code mvn test -pl examples/plain-java -am -Dtest=GrowthPageTest
 * -Ddiffs.write=true -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class GrowthPageTest {

  private static final Path PAGE = Path.of("../../docs/growth.md");
  private static final Path SOURCES = Path.of("src/main/java/com/example/market");

  private static final List<String> STAGES =
      List.of(
          "Stage1OneDatabase",
          "Stage2Guard",
          "Stage3Replicas",
          "Stage4Cache",
          "Stage5Shards",
          "Stage6Limits");

  @Test
  void theDiffsAreThoseOfTheSources() throws IOException {
    String page = Files.readString(PAGE);
    for (int i = 1; i < STAGES.size(); i++) {
      String name = "diff: " + STAGES.get(i - 1) + " " + STAGES.get(i);
      String diff = diff(STAGES.get(i - 1), STAGES.get(i));
      if (Boolean.getBoolean("diffs.write")) {
        page = Blocks.replaced(page, name, diff);
        Files.writeString(PAGE, page);
      }
      assertThat(Blocks.in(page, name)).isEqualTo(diff);
    }
  }

  private static String diff(String from, String to) throws IOException {
    List<String> before = body(from);
    List<String> lines =
        UnifiedDiffUtils.generateUnifiedDiff(from, to, before, DiffUtils.diff(before, body(to)), 2);
    return "```diff\n" + String.join("\n", lines.subList(2, lines.size())) + "\n```\n";
  }

  /** From the class on: without imports, and with one name for all. */
  private static List<String> body(String stage) throws IOException {
    List<String> lines = Files.readAllLines(SOURCES.resolve(stage + ".java"));
    int begin = lines.indexOf("public final class " + stage + " implements Market {");
    return lines.subList(begin, lines.size()).stream()
        .map(line -> line.replace(stage, "Service"))
        .toList();
  }

  /** What {@link Growth} writes has its place. */
  @Test
  void thereIsAPlaceForEachTable() throws IOException {
    String page = Files.readString(PAGE);
    for (String table : Steps.NAMES) {
      assertThat(Blocks.in(page, "measured: " + table)).contains("| stage |");
    }
    assertThat(Blocks.in(page, "measured: capacity")).contains("requests a second");
  }

  @Test
  void aPartIsReplacedAndNothingElse() {
    String page = "a\n<!-- one -->\nold\n<!-- end -->\nb\n<!-- two -->\nstays\n<!-- end -->\n";
    String replaced = Blocks.replaced(page, "one", "new\n");
    assertThat(replaced).isEqualTo(page.replace("old", "new"));
    assertThat(Blocks.in(replaced, "two")).isEqualTo("stays\n");
    assertThatThrownBy(() -> Blocks.in(page, "three")).hasMessageContaining("three");
  }
}
