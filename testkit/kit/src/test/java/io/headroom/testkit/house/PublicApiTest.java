package io.headroom.testkit.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each module's {@code api.txt} is what others can use of it. A change of API changes the file, and
 * is seen in a review; {@code -Dapi.write=true} writes it.
 */
class PublicApiTest {

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.headroom");

  private static final Path ROOT = Path.of("..", "..");
  private static final Pattern EXPORT = Pattern.compile("exports ([a-z.]+);");

  private static Set<String> packages(String folder) throws IOException {
    Path declaration = ROOT.resolve(folder).resolve("src/main/java/module-info.java");
    if (!Files.exists(declaration)) {
      return Set.of("io.headroom.spring.boot"); // the starter is on class paths only
    }
    return EXPORT
        .matcher(Files.readString(declaration))
        .results()
        .map((MatchResult result) -> result.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "core",
        "sharding",
        "routing",
        "redis",
        "cache",
        "ratelimit",
        "spring",
        "spring-boot",
        "testkit/servers",
        "testkit/kit"
      })
  void theFileIsWhatOthersCanUse(String folder) throws IOException {
    List<String> lines = new PublicApi(OURS).of(packages(folder));
    assertThat(lines).isNotEmpty();
    Path file = ROOT.resolve(folder).resolve("api.txt");
    if (Boolean.getBoolean("api.write")) {
      Files.writeString(file, String.join("\n", lines) + "\n");
    }
    assertThat(Files.readString(file).lines().toList())
        .as(
            "%s/api.txt: if the change is wanted, write it with"
                + " mvn test -pl testkit/kit -am -Dtest=PublicApiTest -Dapi.write=true"
                + " -Dsurefire.failIfNoSpecifiedTests=false, and commit it",
            folder)
        .isEqualTo(lines);
  }

  @Test
  void whatIsPublicOrProtectedIsListed() {
    assertThat(
            new PublicApi(new ClassFileImporter().importClasses(Listed.class, Listed.Kind.class))
                .of(Set.of("io.headroom.testkit.house")))
        .containsExactly(
            "io.headroom.testkit.house.Listed: interface",
            "  default int twice(int)",
            "  static io.headroom.testkit.house.Listed of(java.util.List<String>) throws"
                + " java.io.IOException",
            "  void go(java.util.Map<String, ? extends Number>)",
            "io.headroom.testkit.house.Listed$Kind: enum",
            "  static io.headroom.testkit.house.Listed$Kind ONE");
  }
}
