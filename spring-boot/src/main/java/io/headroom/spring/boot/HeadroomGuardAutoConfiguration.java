package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.LoadSignal;
import io.headroom.TimeSource;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.ConnectionGuardBuilder;
import io.headroom.guard.GuardListener;
import io.headroom.guard.PoolBudget;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;

/**
 * With {@code headroom.guard.enabled=true}, a {@link ConnectionGuard} in front of every pool: those
 * of {@code headroom.database} or, without them, every HikariCP pool of the application's own.
 */
@AutoConfiguration(after = HeadroomAutoConfiguration.class)
@Conditional(OnFlag.Guard.class)
public final class HeadroomGuardAutoConfiguration {

  HeadroomGuardAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  ConnectionGuard connectionGuard(
      HeadroomProperties properties, ObjectProvider<GuardListener> listeners) {
    return guard(properties.guard(), listeners.orderedStream().toList());
  }

  @Bean
  GuardedPools headroomGuardedPools(
      ConnectionGuard guard, HeadroomProperties properties, GivenBack givenBack) {
    GuardProperties settings = properties.guard();
    return new GuardedPools(guard, settings.exclude(), settings.shadow(), givenBack);
  }

  /** A listener as the application's: one that brings its own guard may give it this, too. */
  @Bean
  GivenBack headroomGivenBack() {
    return new GivenBack(TimeSource.system());
  }

  /** What the guard says of its pools, for whoever in the application can spare them something. */
  @Bean
  @ConditionalOnMissingBean
  LoadSignal loadSignal(ConnectionGuard guard) {
    return guard.levels();
  }

  /** A guard that nothing goes through would be a surprise, and so would a name of no pool. */
  @Bean
  SmartInitializingSingleton headroomGuardCheck(
      GuardedPools pools,
      HeadroomProperties properties,
      ObjectProvider<Databases> databases,
      ListableBeanFactory beans) {
    return () -> {
      Set<String> known = new TreeSet<>(pools.names());
      databases.forEach(ours -> known.addAll(ours.pools().keySet()));
      if (databases.stream().findAny().isEmpty()) {
        // Where beans are lazy, a pool of the application's own is not there yet.
        known.addAll(List.of(beans.getBeanNamesForType(HikariDataSource.class, true, false)));
        known.addAll(pools.own().keySet());
      }
      for (String excluded : properties.guard().exclude()) {
        if (!known.contains(excluded)) {
          throw Setting.wrong(
              "headroom.guard.exclude",
              "names no pool: " + excluded + ".",
              "Name some of " + known + ", or drop it.");
        }
      }
      if (pools.names().isEmpty()) {
        LoggerFactory.getLogger(HeadroomGuardAutoConfiguration.class)
            .warn(
                "headroom.guard.enabled is true, but there is no pool to guard: neither"
                    + " headroom.database nor a bean that is a HikariDataSource, but for what"
                    + " headroom.guard.exclude has: {}",
                properties.guard().exclude());
      }
    };
  }

  private static ConnectionGuard guard(GuardProperties guard, List<GuardListener> listeners) {
    String at = "headroom.guard.";
    ConnectionGuardBuilder builder = ConnectionGuard.builder();
    Setting.set(at + "target-delay", guard.targetDelay(), builder::targetDelay);
    Setting.set(at + "maximum-wait", guard.maximumWait(), builder::maximumWait);
    Setting.set(at + "maximum-waiters", guard.maximumWaiters(), builder::maximumWaiters);
    setElevated(guard, builder);
    Setting.set(at + "stuck-after", guard.stuckAfter(), builder::stuckAfter);
    Setting.set(
        at + "reserve-for-critical", guard.reserveForCritical(), builder::reserveForCritical);
    Setting.set(at + "report-held-for", guard.reportHeldFor(), builder::reportHeldFor);
    Setting.choose(at + "adaptive", guard.adaptive(), builder::adaptive);
    Setting.choose(at + "note-where-taken", guard.noteWhereTaken(), builder::noteWhereTaken);
    Setting.choose(at + "shadow", guard.shadow(), builder::shadow);
    setBudget(guard.budget(), builder);
    listeners.forEach(builder::listener);
    return Setting.check(at + "target-delay", builder::build);
  }

  private static void setElevated(GuardProperties guard, ConnectionGuardBuilder builder) {
    if (guard.elevatedAt() != null || guard.calmBelow() != null) {
      double begins = guard.elevatedAt() == null ? 0.85 : guard.elevatedAt();
      double ends = guard.calmBelow() == null ? 0.70 : guard.calmBelow();
      Setting.check(
          guard.elevatedAt() == null ? "headroom.guard.calm-below" : "headroom.guard.elevated-at",
          () -> builder.elevated(begins, ends));
    }
  }

  private static void setBudget(GuardProperties.Budget budget, ConnectionGuardBuilder builder) {
    String at = "headroom.guard.budget.";
    Integer connections = budget.connections();
    Integer processes = budget.processes();
    if (connections != null) {
      PoolBudget each = Setting.check(at + "connections", () -> PoolBudget.of(connections));
      builder.budget(
          processes == null
              ? each
              : Setting.check(at + "processes", () -> each.processes(processes)));
    } else if (processes != null) {
      throw Setting.wrong(
          at + "processes",
          "has no effect without " + at + "connections.",
          "Say how many connections each of them may have, or drop it.");
    }
  }

  /** The application's own pools, where there are none of ours. */
  @Configuration(proxyBeanMethods = false)
  @Conditional(OnProperties.None.class)
  static class OwnPools {

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static GuardingPostProcessor headroomGuardingPostProcessor(ObjectProvider<GuardedPools> guard) {
      return new GuardingPostProcessor(guard);
    }
  }
}
