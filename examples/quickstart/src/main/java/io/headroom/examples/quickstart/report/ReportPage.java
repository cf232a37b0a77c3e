package io.headroom.examples.quickstart.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes a run as one HTML file, which needs no network, no library and no script: a script only
 * adds what a pointer is told. All charts are SVG. What stands in the report is escaped.
 *
 * <p>Stateless, and thus thread-safe.
 */
public final class ReportPage {

  private ReportPage() {}

  /**
   * Writes the page, in place of what was there. Folders are made; whoever has the page open
   * meanwhile sees the old one or the new one.
   *
   * @param report the run
   * @param file where to
   * @throws IOException if it cannot be written
   */
  public static void write(RunReport report, Path file) throws IOException {
    Path part = file.toAbsolutePath().resolveSibling("." + file.getFileName() + ".part");
    Files.createDirectories(part.getParent());
    try {
      Files.writeString(part, html(report));
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  static String html(RunReport report) throws IOException {
    Markup page = new Markup();
    page.add("<!DOCTYPE html>\n<html lang='en' xmlns='http://www.w3.org/1999/xhtml'><head>");
    page.add("<meta charset='utf-8'/>");
    page.add("<meta name='viewport' content='width=device-width, initial-scale=1'/>");
    page.add("<meta name='color-scheme' content='light dark'/>");
    page.add("<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; ");
    page.add("style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\"/>");
    page.add("<link rel='icon' href='data:,'/><title>{}</title>\n<style>", report.title());
    page.raw(resource("report.css")).add("</style></head>\n<body>");
    page.add("<svg class='defs' width='0' height='0' aria-hidden='true'><defs>");
    page.add("<pattern id='hatch' width='6' height='6' patternUnits='userSpaceOnUse' ");
    page.add("patternTransform='rotate(45)'><rect width='2.5' height='6'/></pattern>");
    page.add("</defs></svg>\n<main>");
    new Headline(report).draw(page);
    new ClaimTable(report.claims()).draw(page);
    new OverTime(report).draw(page);
    page.add("<div class='pair'>");
    new Reasons(report.reads()).draw(page);
    page.add("<div>");
    new Placement(report.shards()).draw(page);
    notes(page, report);
    page.add("</div></div></main>\n<script>")
        .raw(resource("report.js"))
        .add("</script></body></html>\n");
    return page.toString();
  }

  private static void notes(Markup page, RunReport report) {
    if (!report.notes().isEmpty()) {
      page.add("<section class='card' aria-labelledby='notes-h'><h2 id='notes-h'>Notes</h2><ul>");
      report.notes().forEach(note -> page.add("<li>{}</li>", note));
      page.add("</ul></section>");
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("no " + name + " beside " + ReportPage.class.getName());
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
