package com.example.ledger;

import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Makes no answers of exceptions. */
@RestController
public class EntriesController {

  private final Ledger ledger;

  EntriesController(Ledger ledger) {
    this.ledger = ledger;
  }

  @PostMapping("/entries/{id}")
  void add(@PathVariable long id, @RequestParam String text) {
    ledger.add(id, text);
  }
}
