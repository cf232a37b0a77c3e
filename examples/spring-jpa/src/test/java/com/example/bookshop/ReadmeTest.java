package com.example.bookshop;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The README shows how the file of before and the file of after differ. The diff is written anew by
 * {@code mvn test -pl examples/spring-jpa -am -Dtest=ReadmeTest -Ddiffs.write=true
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class ReadmeTest {

  private static final Path README = Path.of("README.md");
  private static final String BEGIN = "<!-- diff: application.yml -->\n";
  private static final String END = "<!-- end -->";

  @Test
  void theDiffIsThatOfTheFiles() throws IOException {
    List<String> before = Files.readAllLines(Path.of("src/test/resources/before/application.yml"));
    List<String> after = Files.readAllLines(Path.of("src/main/resources/application.yml"));
    List<String> lines =
        UnifiedDiffUtils.generateUnifiedDiff(
            "before", "after", before, DiffUtils.diff(before, after), after.size());
    String diff = "```diff\n" + String.join("\n", lines.subList(3, lines.size())) + "\n```\n";
    String readme = Files.readString(README);
    int from = readme.indexOf(BEGIN) + BEGIN.length();
    int to = readme.indexOf(END, from);
    if (Boolean.getBoolean("diffs.write")) {
      Files.writeString(README, readme.substring(0, from) + diff + readme.substring(to));
    } else {
      assertThat(readme.substring(from, to)).isEqualTo(diff);
    }
  }
}
