package com.example.bookshop;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

/** The authors in the database. */
interface Authors extends JpaRepository<Author, Long> {

  @Query("select b.title from Book b where b.author.id = ?1 order by b.id")
  List<String> titlesOf(long id);
}
