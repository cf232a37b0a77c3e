package com.example.startup;

import com.zaxxer.hikari.HikariDataSource;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.core.metrics.ApplicationStartup;
import org.springframework.core.metrics.StartupStep;
import org.springframework.scheduling.annotation.EnableAsync;

/** The application. It needs nothing of Headroom, which the class path may have or not. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableCaching
@EnableAsync
public class Started {

  /** As many pools as the starter opens, where it does not. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty("own.pools0")
  static class OwnPools {

    @Bean
    @Primary
    DataSource first(Environment environment) {
      return pool(environment, 0);
    }

    @Bean
    DataSource second(Environment environment) {
      return pool(environment, 1);
    }

    @Bean
    DataSource third(Environment environment) {
      return pool(environment, 2);
    }

    private static DataSource pool(Environment environment, int number) {
      com.zaxxer.hikari.HikariConfig config = new com.zaxxer.hikari.HikariConfig();
      config.setJdbcUrl(environment.getRequiredProperty("own.pools" + number));
      if (!environment.getRequiredProperty("own.connected", Boolean.class)) {
        config.setInitializationFailTimeout(-1);
      }
      return new HikariDataSource(config);
    }
  }

  /**
   * Starts it, says how long that took, and ends.
   *
   * @param arguments as an application's; with {@code steps} also says which beans took longest
   */
  public static void main(String[] arguments) {
    List<String> properties = new ArrayList<>(List.of(arguments));
    boolean steps = properties.remove("steps");
    SpringApplicationBuilder builder = new SpringApplicationBuilder(Started.class);
    if (steps) {
      builder.application().setApplicationStartup(new Steps());
    }
    long began = System.nanoTime();
    ConfigurableApplicationContext context = builder.run(properties.toArray(String[]::new));
    System.out.println("STARTED " + (System.nanoTime() - began) / 1_000);
    context.close();
    System.exit(0); // whatever pools still wait for
  }

  /** Tells of steps that took long. */
  private static final class Steps implements ApplicationStartup {

    private static final long LONG_NANOS = 5_000_000;

    @Override
    public StartupStep start(String name) {
      long began = System.nanoTime();
      List<String> tags = new ArrayList<>();
      return new StartupStep() {
        @Override
        public String getName() {
          return name;
        }

        @Override
        public long getId() {
          return 0;
        }

        @Override
        public Long getParentId() {
          return null;
        }

        @Override
        public StartupStep tag(String key, String value) {
          tags.add(value);
          return this;
        }

        @Override
        public StartupStep tag(String key, java.util.function.Supplier<String> value) {
          return tag(key, value.get());
        }

        @Override
        public Tags getTags() {
          return java.util.Collections::emptyIterator;
        }

        @Override
        public void end() {
          long took = System.nanoTime() - began;
          if (took > LONG_NANOS) {
            System.out.println("STEP " + took / 1_000 + " " + name + " " + tags);
          }
        }
      };
    }
  }
}
