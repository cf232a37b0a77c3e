package com.example.bookshop;

import io.headroom.RequestContext;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.view.RedirectView;

/** What can be asked over HTTP. */
@RestController
public class BookshopController {

  /** Those who hold a connection. */
  public final CountDownLatch held = new CountDownLatch(2);

  /** They let go when this is down. */
  public final CountDownLatch letGo = new CountDownLatch(1);

  private final Catalogue catalogue;

  BookshopController(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  @GetMapping("/authors/{id}")
  List<String> names(@PathVariable long id) {
    return catalogue.names(id);
  }

  @GetMapping("/authors/{id}/title")
  String title(@PathVariable long id) {
    return catalogue.title(id);
  }

  @GetMapping("/authors/{id}/later")
  CompletableFuture<List<String>> namesLater(@PathVariable long id) {
    return catalogue.namesLater(id);
  }

  @PostMapping("/authors")
  long add(@RequestParam String name) {
    return catalogue.add(name);
  }

  @PostMapping("/authors/redirected")
  RedirectView addAndGoThere(@RequestParam String name) {
    return new RedirectView("/authors/" + catalogue.add(name));
  }

  /** Writes its answer itself, and has it leave before it returns. */
  @PostMapping("/authors/written")
  void addAndWrite(@RequestParam String name, HttpServletResponse response) throws IOException {
    PrintWriter writer = response.getWriter();
    writer.print(catalogue.add(name));
    writer.flush();
    response.flushBuffer();
  }

  /** The same, byte by byte, after it has thought better of another answer. */
  @PostMapping("/authors/streamed")
  void addAndStream(@RequestParam String name, HttpServletResponse response) throws IOException {
    response.getWriter().print("nothing yet");
    response.reset();
    OutputStream out = response.getOutputStream();
    for (byte each : Long.toString(catalogue.add(name)).getBytes(StandardCharsets.US_ASCII)) {
      out.write(each);
    }
    out.flush();
    out.close();
  }

  /** Begins its answer before it has anything to tell. */
  @PostMapping("/authors/late")
  void writeAndAdd(@RequestParam String name, HttpServletResponse response) throws IOException {
    response.getWriter().print("author ");
    response.getWriter().print(catalogue.add(name));
  }

  @PostMapping("/authors/refused")
  void addAndRefuse(@RequestParam String name, HttpServletResponse response) throws IOException {
    response.sendError(409, "author " + catalogue.add(name));
  }

  @PostMapping("/authors/later")
  Callable<Long> addLater(@RequestParam String name) {
    return RequestContext.current().wrap(() -> catalogue.add(name));
  }

  /** Answers without a body, so that nothing is written to tell by. */
  @PostMapping("/authors/later/bodiless")
  Callable<ResponseEntity<Void>> addLaterAndSayNothing(@RequestParam String name) {
    return RequestContext.current()
        .wrap(
            () ->
                ResponseEntity.noContent()
                    .location(URI.create("/authors/" + catalogue.add(name)))
                    .build());
  }

  @PostMapping("/authors/failing")
  long addAndFail(@RequestParam String name) {
    throw new IllegalStateException("after author " + catalogue.add(name));
  }

  @PostMapping("/authors/{id}/name")
  void rename(@PathVariable long id, @RequestParam String name) {
    catalogue.rename(id, name);
  }

  @GetMapping("/port")
  long port() {
    return catalogue.port();
  }

  @GetMapping("/criticality/{what}")
  String other(@PathVariable String what) {
    return what + " " + RequestContext.current().criticality();
  }

  @GetMapping({"/orders/criticality", "/reports/criticality"})
  String criticality() {
    RequestContext context = RequestContext.current();
    return context.criticality() + " " + context.remaining().isPresent();
  }

  @PostMapping("/hold")
  void hold() {
    catalogue.hold(
        () -> {
          held.countDown();
          try {
            letGo.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
