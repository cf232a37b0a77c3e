package io.headroom.testkit.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every link of the documentation into this project leads somewhere. */
class LinksTest {

  private static final Path ROOT = Snippets.projectRoot();

  @TestFactory
  Stream<DynamicTest> everyLinkLeadsSomewhere() {
    return Snippets.filesBelow(ROOT, ".md").stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    ROOT.relativize(file).toString(),
                    () -> assertThat(Links.faultsOf(file)).isEmpty()));
  }

  /** A statement about somebody else's work without a place to look it up is none. */
  @Test
  void everyRowOnAPeerSaysWhereToLookItUp() {
    List<String> rows =
        Snippets.linesOf(ROOT.resolve("docs/comparison.md")).stream()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| | |"))
            .toList();
    assertThat(rows).hasSizeGreaterThan(40);
    for (String row : rows) {
      String last = row.substring(row.lastIndexOf("| ", row.length() - 3));
      boolean head = row.startsWith("| you need");
      assertThat(head || last.contains("](")).as(row).isTrue();
      boolean isDenied = row.startsWith("| here") || row.startsWith("| other than");
      assertThat(isDenied && !last.contains("](https://"))
          .as("what they do not do is to be looked up at theirs: %s", row)
          .isFalse();
    }
  }

  @Test
  void whatLeadsNowhereIsNamed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a.md");
    Files.writeString(folder.resolve("b.md"), "# One\n\n## Two, `three`: four's\n\n## One\n");
    Files.writeString(
        file,
        """
        # A heading
        [fine](b.md) [fine](b.md#two-three-fours) [fine](#a-heading) [fine](b.md#one-1)
        `[code](c.md)` [fine](https://example.com)
        ```
        [code](d.md)
        ```
        [gone](e.md) [gone](b.md#three) [insecure](http://example.com)

        [also]: f.md
        """);
    assertThat(Links.faultsOf(file))
        .extracting(fault -> fault.substring(0, fault.indexOf(": ")))
        .containsExactly("e.md", "b.md#three", "http://example.com", "f.md");
  }
}
