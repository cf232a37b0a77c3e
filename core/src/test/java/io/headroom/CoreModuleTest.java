package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class CoreModuleTest {

  @Test
  void resolvesOnTheModulePathWithoutTheOptionalModules() throws URISyntaxException {
    ModuleFinder needed =
        ModuleFinder.of(home(KeyHash.class), home(Logger.class), home(Nullable.class));

    Configuration resolved =
        ModuleLayer.boot()
            .configuration()
            .resolve(needed, ModuleFinder.of(), Set.of("io.headroom.core"));

    assertThat(resolved.findModule("io.headroom.core")).isPresent();
  }

  private static Path home(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
