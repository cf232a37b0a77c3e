package com.example.bookshop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cache.annotation.EnableCaching;

/** Where the application starts. */
@SpringBootApplication
@EnableCaching
@SuppressWarnings("PrivateConstructorForUtilityClass") // Spring makes one
public class Bookshop {

  /**
   * Starts it.
   *
   * @param arguments as Spring Boot takes them
   */
  public static void main(String[] arguments) {
    SpringApplication.run(Bookshop.class, arguments);
  }
}
