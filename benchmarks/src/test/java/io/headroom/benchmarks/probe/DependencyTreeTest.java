package io.headroom.benchmarks.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DependencyTreeTest {
  private static final DependencyTree TREE =
      DependencyTree.parse(
          """
          a.group:root:jar:1
          +- a.group:first:jar:1.0:compile
          |  +- b.group:shared:jar:2.0:compile
          |  |  \\- b.group:deep:jar:2.1:runtime
          |  \\- (c.group:logging:jar:0.9:compile - omitted for conflict with 1.1)
          +- a.group:second:jar:1.0:compile
          |  +- (b.group:shared:jar:2.0:compile - omitted for duplicate)
          |  \\- c.group:own:jar:3.0:compile (version managed from 2.9)
          +- c.group:logging:jar:1.1:compile
          \\- d.group:junit:jar:5.0:test
             \\- d.group:api:jar:5.0:test
          """
              .lines()
              .toList());

  @Test
  void followsWhatIsOmittedToWhereItIsKept() {
    assertThat(TREE.closure(List.of("a.group:second")))
        .containsExactly("a.group:second", "b.group:shared", "c.group:own", "b.group:deep");
    assertThat(TREE.closure(List.of("a.group:first")))
        .containsExactlyInAnyOrder(
            "a.group:first", "b.group:shared", "b.group:deep", "c.group:logging");
  }

  @Test
  void namesJarsByTheVersionKept() {
    assertThat(TREE.jarName("c.group:logging")).isEqualTo("logging-1.1.jar");
    assertThat(TREE.jarName("c.group:own")).isEqualTo("own-3.0.jar");
  }

  @Test
  void leavesTestScopeOut() {
    assertThat(TREE.closure(List.of("a.group:root"))).noneMatch(name -> name.startsWith("d."));
  }

  @Test
  void namesAnUnknownRoot() {
    assertThatThrownBy(() -> TREE.closure(List.of("no.such:thing")))
        .hasMessageContaining("no.such:thing");
  }
}
