package com.example.bookshop;

import io.headroom.RequestContext;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
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

  @PostMapping("/authors/later")
  Callable<Long> addLater(@RequestParam String name) {
    return RequestContext.current().wrap(() -> catalogue.add(name));
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
