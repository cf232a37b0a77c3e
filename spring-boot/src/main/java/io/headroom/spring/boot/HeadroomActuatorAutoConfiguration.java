package io.headroom.spring.boot;

import io.headroom.TimeSource;
import io.headroom.routing.ReplicaDataSource;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/** The Actuator endpoint {@code headroom}. */
@AutoConfiguration(
    after = {
      HeadroomDatabaseAutoConfiguration.class,
      HeadroomCacheAutoConfiguration.class,
      HeadroomLimitAutoConfiguration.class
    })
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@Conditional(OnProperties.Headroom.class)
public final class HeadroomActuatorAutoConfiguration {

  HeadroomActuatorAutoConfiguration() {}

  @Bean
  Overview headroomOverview(
      ObjectProvider<ReplicaDataSource> replicas,
      ObjectProvider<Databases> databases,
      ObjectProvider<GuardedPools> guard,
      ObjectProvider<HttpLimits> limits,
      ObjectProvider<Limiters> limiters,
      ObjectProvider<MigrationReport> migrations,
      ObjectProvider<DriftCheck> drift,
      ListableBeanFactory beans) {
    return new Overview(replicas, databases, guard, limits, limiters, migrations, drift, beans);
  }

  /** Closed with the application. */
  @Bean
  DatabaseHealth headroomDatabaseHealth(Overview overview) {
    return new DatabaseHealth(overview, TimeSource.system());
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnAvailableEndpoint
  HeadroomEndpoint headroomEndpoint(Overview overview) {
    return new HeadroomEndpoint(overview);
  }
}
