package com.example.market;

import java.sql.SQLException;

/** The service, as its door sees it: each stage is one. Thread-safe. */
public interface Market extends AutoCloseable {

  /**
   * Answers a request.
   *
   * @throws SQLException if the database did not
   */
  Answer answer(Request request) throws SQLException;

  /** Closes what the stage has opened. */
  @Override
  void close();
}
