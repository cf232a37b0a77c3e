package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README's file is the one that {@code BookshopTest} starts an application with. */
class ReadmeTest {

  @Test
  void theFileIsTheOneThatIsTested() throws IOException {
    Path module = Path.of("").toAbsolutePath();
    while (!Files.exists(module.resolve("spring-boot/README.md"))) {
      module = module.getParent();
    }
    String readme = Files.readString(module.resolve("spring-boot/README.md"));
    int start = readme.indexOf("```yaml\n") + "```yaml\n".length();
    String shown = readme.substring(start, readme.indexOf("```", start));
    String tested =
        Files.readString(module.resolve("spring-boot/src/test/resources/bookshop/application.yml"));
    assertThat(shown).isEqualTo(tested);
  }
}
