package io.headroom.testkit.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/guarantees.md names tests that are there, and all that the READMEs name. */
class GuaranteesPageTest {

  private static final Path ROOT = Snippets.projectRoot();
  private static final Path PAGE = ROOT.resolve("docs/guarantees.md");

  private final Guarantees guarantees = new Guarantees(ROOT);

  @Test
  void everyTestThatItNamesIsThere() {
    assertThat(guarantees.faultsOf(Snippets.linesOf(PAGE))).isEmpty();
  }

  /** Of the page that compares, too, which names tests in the same way. */
  @Test
  void everyNameLeadsToItsFile() throws IOException {
    for (Path page : List.of(PAGE, ROOT.resolve("docs/comparison.md"))) {
      assertThat(guarantees.unknownOn(Snippets.linesOf(page))).isEmpty();
      List<String> linked = guarantees.withDefinitions(Snippets.linesOf(page));
      if (Boolean.getBoolean("guarantees.write")) {
        Files.write(page, linked);
      }
      assertThat(Snippets.linesOf(page))
          .as("the links of %s are to be written anew: %s", page, Guarantees.COMMAND)
          .isEqualTo(linked);
    }
  }

  /** A setting that was renamed is not missed: names of ours are in some api.txt. */
  @Test
  void everySettingThatItNamesIsThere() {
    Set<String> foreign =
        Set.of(
            "bytea", // PostgreSQL's
            "uuid",
            "socketTimeout", // its driver's
            "connectionTimeout", // HikariCP's
            "headroom", // a prefix
            "invalidation_p99_ms"); // the quickstart's
    assertThat(guarantees.unknownMethods(Snippets.linesOf(PAGE), foreign)).isEmpty();
    assertThat(
            guarantees.unknownMethods(
                List.of("`maximumWait`, `stats()`, `allowNullValues(false)`, `commandTimeLimit`"),
                foreign))
        .containsExactly("commandTimeLimit");
  }

  @Test
  void itHasWhateverAModulePromises() {
    List<Path> promises =
        Stream.concat(
                Snippets.filesBelow(ROOT, "/README.md").stream(),
                Stream.of(ROOT.resolve("ratelimit/guard.md")))
            .filter(file -> !ROOT.relativize(file).startsWith("examples"))
            .toList();
    assertThat(promises).hasSizeGreaterThan(9);
    assertThat(guarantees.missing(Snippets.linesOf(PAGE), promises)).isEmpty();
  }

  @Test
  void theFrontPageLeadsToIt() {
    String page = String.join("\n", Snippets.linesOf(ROOT.resolve("README.md")));
    String from = page.substring(page.indexOf("\n## What is guaranteed\n") + 1);
    assertThat(from.substring(0, from.indexOf("\n## "))).contains("](docs/guarantees.md)");
  }

  @Test
  void aTestThatIsNotThereIsNamed() {
    String here = "GuaranteesPageTest";
    assertThat(
            faults(
                "| what holds | bounded by | held by |",
                "|---|---|---|",
                "| a | b | ["
                    + here
                    + "], ["
                    + here
                    + " (testkit/kit).aTestThatIsNotThereIsNamed] |"))
        .isEmpty();
    assertThat(faults("| a | b | [NobodysTest] |"))
        .containsExactly("line 1: [NobodysTest] is in []");
    assertThat(faults("| a | b | [" + here + " (core)] |"))
        .containsExactly("line 1: [" + here + " (core)] is in []");
    assertThat(faults("| a | b | [" + here + ".faults] |"))
        .containsExactly("line 1: [" + here + ".faults]: no test of that name is in its file");
  }

  @Test
  void aRowThatLacksSomethingIsNamed() {
    assertThat(faults("| a | b | by hand |")).singleElement().asString().contains("no test");
    assertThat(faults("| a | | [GuaranteesPageTest] |"))
        .singleElement()
        .asString()
        .contains("an empty cell");
    assertThat(faults("| a | [GuaranteesPageTest] |"))
        .singleElement()
        .asString()
        .contains("what bounds it");
  }

  @Test
  void whatTakesMinutesIsMarked() {
    String one = "[OverloadTest.tenTimesWhatASmallPoolCanDo]";
    assertThat(faults("| a | b | " + one + " † |")).isEmpty();
    assertThat(faults("| a | b | " + one + " |"))
        .containsExactly("line 1: " + one + ": of the faults, without †");
    assertThat(faults("| a | b | [BucketLincheckTest] |")).singleElement().asString().contains("†");
    assertThat(faults("| a | b | [OverloadTest] † |"))
        .containsExactly("line 1: [OverloadTest]: † is for tests of the faults");
    assertThat(faults("| a † | b | " + one + " † |"))
        .singleElement()
        .asString()
        .contains("nowhere else");
  }

  @Test
  void linksAreMadeOfNames() {
    String path = "../testkit/kit/src/test/java/io/headroom/testkit/house/PublicApiTest.java";
    assertThat(
            guarantees.withDefinitions(
                List.of("[PublicApiTest] [Other](other.md)", "", "[GoneTest]: ../gone")))
        .containsExactly("[PublicApiTest] [Other](other.md)", "", "[PublicApiTest]: " + path);
  }

  private List<String> faults(String... lines) {
    return guarantees.faultsOf(List.of(lines));
  }
}
