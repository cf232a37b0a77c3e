package io.headroom.examples.quickstart.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as a real browser lays it out. Skipped where none is installed. */
class ReportInBrowserTest {

  private static final int[] WIDTHS = {400, 700, 1400};

  @TempDir static Path folder;

  private static Chromium browser;

  @BeforeAll
  static void startBrowser() throws IOException {
    Optional<Path> program = Chromium.installed();
    if (program.isEmpty()) {
      System.out.println("ReportInBrowserTest is skipped: there is no Chromium on this machine.");
    }
    assumeTrue(program.isPresent(), "no Chromium on this machine");
    browser = Chromium.start(program.get(), folder.resolve("profile"));
  }

  @AfterAll
  static void endBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void everyPageFitsEveryWidth() throws IOException {
    for (RunReport report : all()) {
      Path page = write(report);
      for (int width : WIDTHS) {
        browser.open(page, width, false);
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
            .as("width of %s at %s", report.title(), width)
            .isEqualTo(width);
        assertThat(strings(OUTSIDE)).as("%s at %s", report.title(), width).isEmpty();
      }
    }
  }

  @Test
  void noTextLiesOnAnother() throws IOException {
    for (RunReport report : all()) {
      Path page = write(report);
      for (int width : WIDTHS) {
        browser.open(page, width, false);
        assertThat(strings(OVERLAPS)).as("%s at %s", report.title(), width).isEmpty();
      }
    }
  }

  @Test
  void chartsHaveTheSizeOfTheirCard() throws IOException {
    Path page = write(SampleReports.full());
    for (int width : WIDTHS) {
      browser.open(page, width, false);
      JsonNode charts = browser.evaluate(CHARTS);
      assertThat(charts).hasSize(3);
      for (JsonNode chart : charts) {
        assertThat(chart.get("width").asDouble()).isGreaterThan(width * 0.6);
        assertThat(chart.get("height").asDouble()).isGreaterThan(140);
        assertThat(chart.get("lines").asInt()).isGreaterThanOrEqualTo(2);
      }
      assertThat(browser.evaluate(count("#reads .bar rect.reason")).asInt()).isEqualTo(21);
      assertThat(browser.evaluate(count("#shards rect.users")).asInt()).isEqualTo(4);
      assertThat(browser.evaluate(count("#levels rect.level")).asInt()).isEqualTo(10 + 5);
    }
  }

  @Test
  void everythingIsThereWithoutScripts() throws IOException {
    RunReport report = SampleReports.full();
    Path page = write(report);
    browser.scripts(false);
    try {
      browser.open(page, 1400, false);
      String text = browser.evaluate("document.body.innerText").asText();
      for (Claim claim : report.claims()) {
        assertThat(text).contains(claim.claim(), claim.seed(), claim.measured());
      }
      for (Mark mark : report.marks()) {
        assertThat(text).contains(mark.text());
      }
      assertThat(browser.evaluate(CHARTS)).hasSize(3);
    } finally {
      browser.scripts(true);
    }
  }

  @Test
  void thePointerIsToldTheFiguresOfASecond() throws IOException {
    browser.open(write(SampleReports.full()), 1400, false);
    String readout = "document.querySelector('#hits .readout').textContent.trim()";
    assertThat(browser.evaluate(readout).asText()).isEmpty();
    browser.evaluate("document.querySelector('#latency').scrollIntoView()");
    JsonNode box =
        browser.evaluate(
            "(() => { const b = document.querySelector('#latency .hover').getBoundingClientRect();"
                + " return {x: b.x, y: b.y, width: b.width}; })()");
    double middle = box.get("x").asDouble() + box.get("width").asDouble() * 9.5 / 45.2;
    browser.movePointer(middle, box.get("y").asDouble() + 50);
    assertThat(browser.evaluate(readout).asText()).startsWith("from 9.00\u202fs · L1 ");
    browser.movePointer(1, 1);
    assertThat(browser.evaluate(readout).asText()).isEmpty();
  }

  @Test
  void textsStandOutInLightAndDark() throws IOException {
    Path page = write(SampleReports.full());
    for (boolean dark : new boolean[] {false, true}) {
      browser.open(page, 1400, dark);
      assertThat(strings(CONTRAST)).as(dark ? "dark" : "light").isEmpty();
    }
  }

  @Test
  void nothingIsAskedForAndNothingGoesWrong() throws IOException {
    for (RunReport report : all()) {
      Path page = write(report);
      browser.open(page, 1400, false);
      assertThat(browser.evaluate("document.querySelectorAll('table, section').length").asInt())
          .isPositive();
      assertThat(browser.events("Network.requestWillBeSent"))
          .extracting(it -> it.get("request").get("url").asText())
          .filteredOn(url -> !url.equals("data:,"))
          .containsExactly(page.toUri().toString());
      assertThat(browser.events("Runtime.exceptionThrown")).isEmpty();
      assertThat(browser.events("Runtime.consoleAPICalled")).isEmpty();
      assertThat(browser.events("Log.entryAdded")).isEmpty();
      assertThat(browser.evaluate("document.title").asText()).startsWith(report.title());
    }
  }

  /** Elements with a text or shape of their own beyond the page's edges; tables may scroll. */
  private static final String OUTSIDE =
      """
      [...document.querySelectorAll('main *')].filter(it => {
        const box = it.getBoundingClientRect();
        return box.width > 0 && !it.closest('.scroll') && getComputedStyle(it).position !== 'absolute'
            && (box.left < -0.5 || box.right > innerWidth + 0.5);
      }).map(it => it.outerHTML.slice(0, 120))
      """;

  /** Pairs of texts, numbers of marks among them, that share more than a pixel. */
  private static final String OVERLAPS =
      """
      (() => {
        const seen = it => it.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true});
        const texts = [...document.querySelectorAll('svg.time text')].filter(seen)
            .map(it => ({it, box: it.getBoundingClientRect()}))
            .concat([...document.querySelectorAll('figcaption, .legend li, .marks li, .band .name, '
                + '.bar .name, .bar .total, summary, .claims th, .claims td > *, h1, h2, .none')]
                .filter(seen).map(it => ({it, box: it.getBoundingClientRect()})))
            .filter(one => one.box.width > 1 && one.box.height > 1);
        const badges = [...document.querySelectorAll('.badge circle')].filter(seen)
            .map(it => ({it, box: it.getBoundingClientRect()}));
        const found = [];
        const look = (all) => all.forEach((a, i) => all.slice(i + 1).forEach(b => {
          const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          if (wide > 1 && high > 2 && !a.it.contains(b.it) && !b.it.contains(a.it))
            found.push(a.it.textContent.slice(0, 60) + ' / ' + b.it.textContent.slice(0, 60)
                + ' ' + wide + 'x' + high);
        }));
        look(texts);
        look(badges);
        return found;
      })()
      """;

  private static final String CHARTS =
      """
      [...document.querySelectorAll('.plot[data-at] > svg')].map(svg => ({
        width: svg.getBoundingClientRect().width,
        height: svg.getBoundingClientRect().height,
        lines: [...svg.querySelectorAll('path.line')].filter(line => line.getTotalLength() > 100
            && line.getBoundingClientRect().width > 100).length
      }))
      """;

  /** Texts with less contrast to what they stand on than WCAG's 4.5:1. */
  private static final String CONTRAST =
      """
      (() => {
        const parts = color => color.match(/[\\d.]+/g).map(Number);
        const light = color => {
          const [r, g, b] = parts(color).slice(0, 3).map(it => it / 255)
              .map(it => it <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const paper = it => {
          for (let at = it; at; at = at.parentElement) {
            const circle = at.matches('.badge') ? at.querySelector('circle') : null;
            if (circle) return getComputedStyle(circle).fill;
            const color = getComputedStyle(at).backgroundColor;
            const alpha = parts(color)[3];
            if (alpha === undefined || alpha === 1) return color;
          }
          throw new Error('no background');
        };
        return [...document.querySelectorAll('main *')].filter(it => [...it.childNodes].some(
            node => node.nodeType === 3 && node.textContent.trim())
            && !it.matches('title, desc') && it.getBoundingClientRect().width > 0).map(it => {
          const svg = it instanceof SVGElement;
          const a = light(svg ? getComputedStyle(it).fill : getComputedStyle(it).color);
          const b = light(paper(it));
          const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          return contrast < 4.5 ? it.outerHTML.slice(0, 80) + ' ' + contrast.toFixed(2) : '';
        }).filter(it => it);
      })()
      """;

  private static List<String> strings(String expression) {
    List<String> found = new ArrayList<>();
    browser.evaluate(expression).forEach(it -> found.add(it.asText()));
    return found;
  }

  private static String count(String selector) {
    return "document.querySelectorAll('" + selector + "').length";
  }

  private static List<RunReport> all() {
    return List.of(
        SampleReports.full(),
        SampleReports.empty(),
        SampleReports.oneSecond(),
        SampleReports.tenMinutes(),
        SampleReports.hostile());
  }

  private static Path write(RunReport report) throws IOException {
    int name = report.title().toLowerCase(Locale.ROOT).hashCode();
    Path page = folder.resolve("page" + name + ".html");
    ReportPage.write(report, page);
    return page;
  }
}
