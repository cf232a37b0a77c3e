package io.headroom.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkPageTest {
  private static final List<String> ORDER = List.of("First", "Second", "Third");

  @Test
  void aNewPageBeginsWithThePreface(@TempDir Path folder) throws IOException {
    BenchmarkPage page = BenchmarkPage.read(folder.resolve("absent.md"), "# Title\n\nWords.\n");
    page.put("First", "## One\n");
    assertThat(page.print(ORDER))
        .isEqualTo(
            """
            # Title

            Words.

            <!-- bench:First -->
            ## One
            <!-- /bench:First -->
            """);
  }

  @Test
  void aRunOfOneGroupReplacesItsOwnSectionOnly(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("benchmarks.md");
    BenchmarkPage first = BenchmarkPage.parse("# Title\n");
    first.put("First", "## One\n\nold $1 \\ figures\n");
    first.put("Third", "## Three\n");
    Files.writeString(file, first.print(ORDER).replace("# Title", "# Title\n\nBy hand."));

    BenchmarkPage page = BenchmarkPage.read(file, "unused");
    page.put("Third", "## Three anew\n");
    page.put("Second", "## Two\n");

    assertThat(page.print(ORDER))
        .isEqualTo(
            """
            # Title

            By hand.

            <!-- bench:First -->
            ## One

            old $1 \\ figures
            <!-- /bench:First -->

            <!-- bench:Second -->
            ## Two
            <!-- /bench:Second -->

            <!-- bench:Third -->
            ## Three anew
            <!-- /bench:Third -->
            """);
  }

  @Test
  void printingIsStable() {
    BenchmarkPage page = BenchmarkPage.parse("# Title\n");
    page.put("First", "## One\n");
    String once = page.print(ORDER);
    assertThat(BenchmarkPage.parse(once).print(ORDER)).isEqualTo(once);
  }
}
