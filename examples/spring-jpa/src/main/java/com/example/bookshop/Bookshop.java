package com.example.bookshop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Where the application starts. */
@SpringBootApplication
@SuppressWarnings("PrivateConstructorForUtilityClass") // Spring makes one
public class Bookshop {

  /**
   * Starts it.
   *
   * @param arguments as Spring Boot takes them, such as {@code --spring.profiles.active=replicas}
   */
  public static void main(String[] arguments) {
    SpringApplication.run(Bookshop.class, arguments);
  }
}
