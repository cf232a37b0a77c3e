package io.headroom.testkit.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every Java block of the documentation is compiled somewhere, to the letter. */
class SnippetsTest {

  @TestFactory
  Stream<DynamicTest> documentationShowsWhatIsCompiled() {
    Path root = Snippets.projectRoot();
    Snippets snippets = Snippets.compiledBelow(root);
    return Snippets.filesBelow(root, ".md").stream()
        .map(file -> root.relativize(file).toString())
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file,
                    () ->
                        assertThat(snippets.faultsOf(file, Snippets.linesOf(root.resolve(file))))
                            .isEmpty()));
  }

  private static Snippets compiled(String... lines) {
    Snippets snippets = new Snippets();
    snippets.addSource("Some.java", List.of(lines));
    return snippets;
  }

  @Test
  void indentationDoesNotMatter() {
    Snippets snippets =
        compiled("void m() {", "    // snippet: one", "    int a;", "    // end snippet", "}");

    assertThat(
            snippets.faultsOf("a.md", List.of("<!-- snippet: one -->", "```java", "int a;", "```")))
        .isEmpty();
  }

  @Test
  void aDifferenceIsShownFromBothSides() {
    Snippets snippets = compiled("// snippet: one", "int a;", "int b;", "// end snippet");

    List<String> faults =
        snippets.faultsOf(
            "a.md", List.of("", "<!-- snippet: one -->", "```java", "int a;", "int c;", "```"));

    assertThat(faults).singleElement().asString().contains("a.md:4: line 2 of snippet one is");
    assertThat(faults.get(0)).contains("int c;", "Some.java:2", "int b;");
  }

  @Test
  void aMissingOrSurplusLineIsShown() {
    Snippets snippets = compiled("// snippet: one", "int a;", "int b;", "// end snippet");

    assertThat(
            snippets.faultsOf("a.md", List.of("<!-- snippet: one -->", "```java", "int a;", "```")))
        .singleElement()
        .asString()
        .contains("(nothing)", "int b;");
  }

  @Test
  void aBlockWithoutMarkerOrSourceIsAFault() {
    Snippets snippets = compiled("// snippet: one", "// end snippet");

    assertThat(snippets.faultsOf("a.md", List.of("```java", "int a;", "```")))
        .containsExactly("a.md:2: put <!-- snippet: name --> on the line above this block");
    assertThat(
            snippets.faultsOf("a.md", List.of("<!-- snippet: two -->", "```java", "int a;", "```")))
        .containsExactly("a.md:3: no compiled file has '// snippet: two'; there are [one]");
  }

  @Test
  void regionsAreUniqueAndClosed() {
    assertThatThrownBy(
            () ->
                compiled("// snippet: one", "// end snippet", "// snippet: one", "// end snippet"))
        .hasMessageContaining("compiled twice");
    assertThatThrownBy(() -> compiled("// snippet: one")).hasMessageContaining("has no");
  }
}
