package com.example.tenants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import io.headroom.testkit.sharding.ShardRouterContract;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The laws find each of the broken routers, and say what is wrong. */
class BrokenRoutersTest {

  private static final Membership FLEET =
      Membership.of(List.of(Shard.of("large").withWeight(4), Shard.of("s1"), Shard.of("s2")));

  private final List<String> keys = BrokenRouters.weightBlind().keys().draw(1, 5_000);

  @Test
  void aTestClassOfABrokenRouterFails() {
    Events tests =
        EngineTestKit.engine("junit-jupiter")
            .selectors(selectClass(HashCodeModuloLaws.class))
            .execute()
            .testEvents();

    List<String> failures =
        tests
            .failed()
            .map(event -> event.getRequiredPayload(TestExecutionResult.class))
            .map(result -> result.getThrowable().orElseThrow().getMessage())
            .toList();
    assertThat(failures)
        .allMatch(message -> message.startsWith("'hashCode % n' breaks law "))
        .anyMatch(message -> message.contains("a change of one shard moves keys only to it"))
        .anyMatch(message -> message.contains("shares follow the weights"));
    assertThat(tests.succeeded().count()).isPositive();
  }

  @Test
  void moduloMovesNearlyEverything() {
    var contract = ShardRouterContract.of(BrokenRouters.hashCodeModulo());

    assertThatThrownBy(() -> contract.joiningTakesOnly(FLEET, Shard.of("s3"), keys))
        .isInstanceOf(AssertionError.class)
        .hasMessageMatching(".*law 3.*key \\S+ .* moved from '\\S+' to '\\S+' when 's3' joined.*");
  }

  @Test
  void weightsAreNotForShow() {
    var contract = ShardRouterContract.of(BrokenRouters.weightBlind());

    assertThatThrownBy(() -> contract.balance(FLEET, keys))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("law 4")
        .hasMessageContaining("large × 4.0");
  }

  @Test
  void thereIsNoDefaultShard() {
    var contract = ShardRouterContract.of(BrokenRouters.lenient());

    assertThatThrownBy(() -> contract.total(FLEET, keys))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("law 1")
        .hasMessageContaining("key null was guessed to be on 'large'");
  }

  @Test
  void anotherJvmMeansAnotherLocale() {
    var contract = ShardRouterContract.of(new BrokenRouters.DefaultLocale().subject());

    contract.deterministic(FLEET, keys);
    assertThatThrownBy(() -> contract.sameInAnotherJvm(BrokenRouters.DefaultLocale.class, 1))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("another JVM gives the same shards");
  }
}
