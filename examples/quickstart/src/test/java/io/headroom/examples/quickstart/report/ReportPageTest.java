package io.headroom.examples.quickstart.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What is on the page, by its markup; {@link ReportInBrowserTest} sees how it looks. */
class ReportPageTest {

  @Test
  void everyPageIsWellFormedAndNamesEachPartOnce() throws Exception {
    for (RunReport report : all()) {
      Document page = parse(report);
      Set<String> ids = new HashSet<>();
      for (Element element : elements(page, "*")) {
        String id = element.getAttribute("id");
        assertThat(id.isEmpty() || ids.add(id)).as("%s twice in %s", id, report.title()).isTrue();
      }
      for (Element element : elements(page, "*")) {
        for (String named : element.getAttribute("aria-labelledby").split(" ", -1)) {
          assertThat(named.isEmpty() || ids.contains(named)).as("no element %s", named).isTrue();
        }
      }
    }
  }

  @Test
  void noPageAsksForAnythingElse() throws Exception {
    for (RunReport report : all()) {
      for (Element element : elements(parse(report), "*")) {
        for (String attribute : List.of("src", "href", "action", "srcset", "data", "poster")) {
          assertThat(element.getAttribute(attribute)).isIn("", "data:,");
        }
      }
      assertThat(ReportPage.html(report)).doesNotContain("@import");
      assertThat(Pattern.compile("url\\((?!#)").matcher(ReportPage.html(report)).find()).isFalse();
    }
  }

  @Test
  void theClaimsStandInTheTableInTheirOrder() throws Exception {
    RunReport report = SampleReports.full();
    Element table = elements(parse(report), "table").get(0);
    List<Element> rows = elements(table, "tr");
    assertThat(rows).hasSize(1 + report.claims().size());
    for (int i = 0; i < report.claims().size(); i++) {
      Claim claim = report.claims().get(i);
      String row = rows.get(i + 1).getTextContent();
      assertThat(row).startsWith(claim.claim()).contains(claim.seed(), claim.measured());
      assertThat(row.contains("\u00a0gate")).isEqualTo(claim.gates());
      assertThat(row).endsWith(claim.verdict().name().toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void theVerdictIsSaidFirst() throws Exception {
    assertThat(verdict(SampleReports.full()))
        .isEqualTo("All 3 gates hold; 1 other claim missed" + "worst share of users: 1.07");
    assertThat(verdict(SampleReports.oneSecond())).isEqualTo("1 of 1 gate missed" + "one: 2");
    assertThat(verdict(SampleReports.empty())).isEqualTo("No claim was looked at");
  }

  @Test
  void aCheckThatFailedMakesTheVerdictBadThoughAllGatesHold() throws Exception {
    RunReport full = SampleReports.full();
    RunReport failed = SampleReports.failing(full, List.of("every user is there once: 6 of 7"));
    assertThat(verdict(failed))
        .isEqualTo("1 check failedevery user is there once: 6 of 7worst share of users: 1.07");
    assertThat(withClass(failed, "div", "verdict bad")).hasSize(1);
    assertThat(withClass(full, "div", "verdict good")).hasSize(1);
    assertThat(verdict(SampleReports.failing(SampleReports.oneSecond(), List.of("a", "b"))))
        .isEqualTo("1 of 1 gate missed; 2 other checks failedabone: 2");
  }

  @Test
  void linesHaveGapsWhereNothingWasMeasured() throws Exception {
    assertThat(paths(SampleReports.full(), "line p99")).containsExactly(2);
    assertThat(paths(SampleReports.oneSecond(), "line p50")).containsExactly(1);
    assertThat(paths(SampleReports.oneSecond(), "line p99")).containsExactly(0);
    assertThat(paths(SampleReports.empty(), "line p99")).isEmpty();
  }

  @Test
  void aShardsLineIsWhereItsShareIsOne() throws Exception {
    RunReport report = SampleReports.full();
    List<Element> bars = withClass(report, "rect", "users");
    List<Element> lines = withClass(report, "line", "fair");
    assertThat(bars).hasSameSizeAs(report.shards());
    assertThat(lines).hasSameSizeAs(report.shards());
    for (int i = 0; i < bars.size(); i++) {
      double users = percent(bars.get(i).getAttribute("width"));
      double fair = percent(lines.get(i).getAttribute("x1"));
      assertThat(users / fair).isCloseTo(report.shards().get(i).share(), within(0.001));
    }
    assertThat(ReportPage.html(report)).contains("25.2\u202f%, × 1.007");
    assertThat(withClass(SampleReports.oneSecond(), "line", "fair")).isEmpty();
  }

  @Test
  void marksAreListedWithoutAnyMeasurement() throws Exception {
    RunReport full = SampleReports.full();
    RunReport bare =
        new RunReport(
            "marks",
            full.started(),
            full.length(),
            List.of(),
            List.of(),
            List.of(),
            full.marks(),
            List.of(),
            List.of(),
            List.of(),
            List.of());
    assertThat(elements(parse(bare), "time")).hasSameSizeAs(full.marks());
  }

  @Test
  void noNumberIsBroken() throws Exception {
    for (RunReport report : all()) {
      assertThat(parse(report).getDocumentElement().getTextContent())
          .doesNotContain("NaN", "Infinity", "null");
      for (Element element : elements(parse(report), "*")) {
        for (String attribute : List.of("x", "y", "x1", "y1", "width", "height", "d", "style")) {
          assertThat(element.getAttribute(attribute))
              .doesNotContain("NaN", "Infinity", "E", "null");
        }
        assertThat(element.getAttribute("width")).doesNotStartWith("-");
        assertThat(element.getAttribute("height")).doesNotStartWith("-");
      }
    }
  }

  @Test
  void whatPeopleWroteIsText() throws Exception {
    Document page = parse(SampleReports.hostile());
    assertThat(elements(page, "script")).hasSize(1);
    assertThat(page.getDocumentElement().getTextContent()).contains(SampleReports.SCRIPT);
    for (Element element : elements(page, "*")) {
      assertThat(element.hasAttribute("onload")).isFalse();
    }
  }

  @Test
  void writesOverWhatWasThereAndLeavesNothingElse(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("a/b/report.html");
    ReportPage.write(SampleReports.empty(), file);
    ReportPage.write(SampleReports.full(), file);
    assertThat(file).hasContent(ReportPage.html(SampleReports.full()));
    try (Stream<Path> files = Files.list(folder.resolve("a/b"))) {
      assertThat(files).containsExactly(file);
    }
  }

  private static List<RunReport> all() {
    return List.of(
        SampleReports.full(),
        SampleReports.empty(),
        SampleReports.oneSecond(),
        SampleReports.tenMinutes(),
        SampleReports.hostile());
  }

  private static String verdict(RunReport report) throws Exception {
    return elements(parse(report), "div").stream()
        .filter(it -> it.getAttribute("role").equals("status"))
        .map(Element::getTextContent)
        .findFirst()
        .orElseThrow();
  }

  /** Of how many unbroken parts each line of this kind is, outside of legends. */
  private static List<Integer> paths(RunReport report, String style) throws Exception {
    List<Integer> parts = new ArrayList<>();
    for (Element path : elements(parse(report), "path")) {
      Element parent = (Element) path.getParentNode();
      if (path.getAttribute("class").equals(style) && parent.hasAttribute("viewBox")) {
        parts.add(path.getAttribute("d").replaceAll("[^M]", "").length());
      }
    }
    return parts;
  }

  private static List<Element> withClass(RunReport report, String name, String style)
      throws Exception {
    return elements(parse(report), name).stream()
        .filter(element -> element.getAttribute("class").equals(style))
        .toList();
  }

  private static double percent(String value) {
    return Double.parseDouble(value.substring(0, value.indexOf('%')));
  }

  private static Document parse(RunReport report) throws Exception {
    String html = ReportPage.html(report);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }

  private static List<Element> elements(Document page, String name) {
    return list(page.getElementsByTagName(name));
  }

  private static List<Element> elements(Element part, String name) {
    return list(part.getElementsByTagName(name));
  }

  private static List<Element> list(NodeList nodes) {
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }
}
