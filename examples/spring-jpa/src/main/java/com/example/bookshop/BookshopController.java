package com.example.bookshop;

import java.util.List;
import java.util.Objects;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.view.RedirectView;

/** Hands out entities: their books are loaded while the answer is written. */
@RestController
class BookshopController {

  private final Catalogue catalogue;
  private final Statistics statistics;

  BookshopController(Catalogue catalogue, Statistics statistics) {
    this.catalogue = catalogue;
    this.statistics = statistics;
  }

  @GetMapping("/authors/{id}")
  Author author(@PathVariable long id) {
    return existing(id);
  }

  @GetMapping("/authors/{id}/titles")
  List<String> titles(@PathVariable long id) {
    return catalogue.titlesOf(id);
  }

  @GetMapping("/authors/{id}/name")
  String name(@PathVariable long id) {
    return Objects.requireNonNullElse(catalogue.nameOf(id), "nobody");
  }

  @PutMapping("/authors/{id}/name")
  void rename(@PathVariable long id, @RequestParam String name) {
    catalogue.rename(id, name);
  }

  /** Sends the browser on to what it has just made. */
  @PostMapping("/authors")
  RedirectView addAuthor(@RequestParam String name) {
    return new RedirectView("/authors/" + catalogue.addAuthor(name).getId());
  }

  /** Three transactions in one session: a read, a write, and a read of what was written. */
  @PostMapping("/authors/{id}/books")
  List<String> addBook(@PathVariable long id, @RequestParam String title) {
    Author author = existing(id);
    catalogue.addBook(author.getId(), title);
    return catalogue.titlesOf(author.getId());
  }

  @GetMapping("/books/count")
  long books() {
    return statistics.books();
  }

  @PutMapping("/books/title")
  int correct(@RequestParam String wrong, @RequestParam String right) {
    return statistics.correct(wrong, right);
  }

  private Author existing(long id) {
    return catalogue
        .author(id)
        .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "author " + id));
  }
}
