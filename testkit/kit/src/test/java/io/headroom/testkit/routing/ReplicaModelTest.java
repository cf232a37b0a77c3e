package io.headroom.testkit.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.ConsistencyToken.Position;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplicaModelTest {

  private final ReplicaModel model = ReplicaModel.of(2);

  @Test
  void replicasApplyOnTheirOwn() {
    Position first = model.write("cart", 1);
    Position second = model.write("cart", 2);
    model.apply(1, 1);

    assertThat(model.read(0, "cart")).isEqualTo(2);
    assertThat(model.read(1, "cart")).isEqualTo(1);
    assertThat(model.read(2, "cart")).isZero();
    assertThat(model.has(1, first)).isTrue();
    assertThat(model.has(1, second)).isFalse();
    assertThat(model.position(1)).isEqualTo(first);
    assertThat(model).hasToString("ReplicaModel[0 (primary) at 1/80, 1 at 1/40, 2 at 1/0]");
  }

  @Test
  void aCommitCanEndAtThePagesEnd() {
    model.write("cart", 1);

    assertThat(model.writeToPageEnd("cart", 2)).isEqualTo(new Position(1, 8192));
    assertThat(model.writeToPageEnd("cart", 3)).isEqualTo(new Position(1, 16384));
  }

  @Test
  void whoIsCutOffAppliesNothing() {
    model.write("cart", 1);
    model.cutOff(1);
    model.apply(1, 10);
    assertThat(model.contents(1)).isEmpty();
    assertThat(model).asString().contains("1 (cut off)");

    model.heal(1);
    model.apply(1, 10);
    assertThat(model.contents(1)).isEqualTo(Map.of("cart", 1L));
  }

  @Test
  void aPromotionLosesWhatWasNotApplied() {
    Position kept = model.write("cart", 1);
    model.apply(1, 1);
    Position lost = model.write("cart", 2);

    model.promote(1);
    model.promote(1);
    assertThat(model.primary()).isEqualTo(1);
    assertThat(model.position(1)).isEqualTo(new Position(2, 40));
    Position after = model.write("bag", 1);

    assertThat(after).isEqualTo(new Position(2, 80));
    assertThat(model.has(1, kept)).isTrue();
    assertThat(model.has(1, lost)).isFalse();
    assertThat(model.has(0, lost)).isTrue();

    model.apply(0, 10);
    assertThat(model.contents(0)).isEqualTo(Map.of("cart", 1L, "bag", 1L));
    assertThat(model.has(0, lost)).isFalse();
  }

  @Test
  void countsItsServers() {
    assertThat(model.servers()).isEqualTo(3);
    assertThatThrownBy(() -> ReplicaModel.of(-1)).hasMessage("replicas must be 0 or more, was -1");
  }
}
