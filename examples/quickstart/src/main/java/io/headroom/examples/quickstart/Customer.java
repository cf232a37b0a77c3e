package io.headroom.examples.quickstart;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One of the users who are there: an address, a cookie, and what it knows that it has done. For the
 * one thread that has {@linkplain #takes it}.
 */
final class Customer {

  /** No service. */
  static final int NONE = -1;

  private final long userId;
  private final String address;
  private final AtomicBoolean busy = new AtomicBoolean();
  private String cookie;
  private long version;
  private int changedBy = NONE;
  private long newestPlaced;
  private long ordersPlaced;

  /**
   * A user who has done nothing yet.
   *
   * @param cookie what everybody has seen
   */
  Customer(long userId, String cookie) {
    this.userId = userId;
    this.address = "10." + (userId >> 16 & 255) + "." + (userId >> 8 & 255) + "." + (userId & 255);
    this.cookie = cookie;
  }

  /** Whether it was free: who waits for an answer does not ask for something else. */
  boolean takes() {
    return busy.compareAndSet(false, true);
  }

  void isFree() {
    busy.set(false);
  }

  long userId() {
    return userId;
  }

  Ask ask(String method, String path) {
    return new Ask(method, path, address, cookie);
  }

  void sees(Answer answer) {
    answer.cookie().ifPresent(given -> cookie = given);
  }

  void changed(Change change) {
    if (change.version() > version) {
      version = change.version();
      changedBy = change.service();
    }
  }

  void placed(long when) {
    newestPlaced = Math.max(newestPlaced, when);
    ordersPlaced++;
  }

  /** The newest version of its profile that it has made. */
  long version() {
    return version;
  }

  /** The service that made it; {@link #NONE} before that. */
  int changedBy() {
    return changedBy;
  }

  /** When it placed its newest order. */
  long newestPlaced() {
    return newestPlaced;
  }

  /** How many orders it has placed. */
  long ordersPlaced() {
    return ordersPlaced;
  }
}
