package com.example.bookshop;

import java.util.List;
import java.util.Optional;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.lang.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Read-only unless a method says otherwise, as the application has always declared. */
@Service
@Transactional(readOnly = true)
public class Catalogue {

  private final Authors authors;

  Catalogue(Authors authors) {
    this.authors = authors;
  }

  public Optional<Author> author(long id) {
    return authors.findById(id);
  }

  public List<String> titlesOf(long id) {
    return authors.titlesOf(id);
  }

  @Cacheable(cacheNames = "names", sync = true)
  public @Nullable String nameOf(long id) {
    return authors.findById(id).map(Author::getName).orElse(null);
  }

  @Transactional
  @CacheEvict(cacheNames = "names", key = "#id")
  public void rename(long id, String name) {
    authors.findById(id).orElseThrow().rename(name);
  }

  @Transactional
  public Author addAuthor(String name) {
    return authors.save(new Author(name));
  }

  @Transactional
  public void addBook(long id, String title) {
    authors.findById(id).orElseThrow().write(title);
  }
}
