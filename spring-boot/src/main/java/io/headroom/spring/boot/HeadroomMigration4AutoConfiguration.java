package io.headroom.spring.boot;

import java.util.Objects;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Where Spring Boot 4 would run Flyway on the data source, it is run on the primary of each shard,
 * or of the one database. All else of Flyway stays Spring Boot's: its properties, its customizers,
 * and that who needs the schema comes after it.
 */
@AutoConfiguration(
    after = HeadroomDatabaseAutoConfiguration.class,
    beforeName = "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration")
@ConditionalOnClass({Flyway.class, FlywayMigrationStrategy.class})
@ConditionalOnBean(Databases.class)
public final class HeadroomMigration4AutoConfiguration {

  HeadroomMigration4AutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  FlywayMigrationStrategy headroomMigrationStrategy(
      Databases databases,
      HeadroomProperties properties,
      ObjectProvider<DataSource> dataSource,
      MigrationReport report) {
    return new ShardMigrations(
            databases,
            Objects.requireNonNull(properties.database()).migrations(),
            dataSource,
            report)
        ::migrate;
  }
}
