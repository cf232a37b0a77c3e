package com.example.ledger;

import io.headroom.spring.boot.ShardKey;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What can be asked over HTTP. */
@RestController
public class LedgerController {

  private final Ledger ledger;

  LedgerController(Ledger ledger) {
    this.ledger = ledger;
  }

  @PostMapping("/mine")
  void add(@RequestHeader("X-User") long user, @RequestParam String text) {
    ledger.addMine(user, text);
  }

  @GetMapping("/mine")
  List<String> mine() {
    return ledger.mine();
  }

  /** Of a bean that is no service, and by Spring MVC's own parameters. */
  @GetMapping("/users/{id}/entries")
  public List<String> of(@ShardKey @PathVariable long id) {
    return ledger.mine();
  }

  @GetMapping("/mine/later")
  CompletableFuture<List<String>> later() {
    return ledger.mineLater();
  }

  @GetMapping("/mine/called")
  Callable<List<String>> called() {
    return ledger::mine;
  }

  @PostMapping("/users/{id}/entries")
  void add(@PathVariable("id") long id, @RequestParam String text, @RequestParam long also) {
    ledger.addToBoth(id, also, text);
  }

  @ExceptionHandler
  @ResponseStatus(HttpStatus.INTERNAL_SERVER_ERROR)
  String failed(Exception failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.toString();
  }
}
