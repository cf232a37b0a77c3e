package com.example.bookshop;

import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** A report in plain SQL, in the same kind of transaction. */
@Service
@Transactional(readOnly = true)
public class Statistics {

  private final JdbcTemplate jdbc;

  Statistics(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  public long books() {
    return Objects.requireNonNull(jdbc.queryForObject("SELECT count(*) FROM book", Long.class));
  }

  @Transactional
  public int correct(String wrong, String right) {
    return jdbc.update("UPDATE book SET title = ? WHERE title = ?", right, wrong);
  }
}
