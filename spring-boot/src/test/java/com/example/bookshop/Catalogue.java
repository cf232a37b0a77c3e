package com.example.bookshop;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Read-only unless a method says otherwise. */
@Service
@Transactional(readOnly = true)
public class Catalogue {

  private final JdbcTemplate jdbc;

  Catalogue(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  public List<String> names(long id) {
    return jdbc.queryForList("SELECT name FROM author WHERE id = ?", String.class, id);
  }

  @Cacheable(cacheNames = "titles", sync = true)
  public String title(long id) {
    return String.join(", ", names(id));
  }

  @CacheEvict(cacheNames = "titles", key = "#id")
  @Transactional
  public void rename(long id, String name) {
    jdbc.update("UPDATE author SET name = ? WHERE id = ?", name, id);
  }

  @Transactional
  public long add(String name) {
    return number("INSERT INTO author (name) VALUES ('" + name + "') RETURNING id");
  }

  /** Which server answers. */
  public long port() {
    return number("SELECT inet_server_port()");
  }

  @Async
  public CompletableFuture<List<String>> namesLater(long id) {
    return CompletableFuture.completedFuture(
        jdbc.execute(
            (org.springframework.jdbc.core.ConnectionCallback<List<String>>)
                connection -> {
                  connection.setReadOnly(true);
                  return names(id);
                }));
  }

  /** Holds a connection for writes until it is let go. */
  @Transactional
  public void hold(Runnable meanwhile) {
    number("SELECT 1");
    meanwhile.run();
  }

  private long number(String sql) {
    return Objects.requireNonNull(jdbc.queryForObject(sql, Long.class));
  }
}
