package io.headroom.testkit.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The house rules over all published modules, and over a house that breaks each of them. */
class HouseRulesTest {

  private static final JavaClasses PUBLISHED =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.headroom");

  private static final JavaClasses FIXTURE =
      new ClassFileImporter().importPackages("fixture.house");

  @Test
  void everyPublishedModuleIsLookedAt() {
    assertThat(PUBLISHED.stream().map(type -> type.getPackageName()))
        .contains(
            "io.headroom",
            "io.headroom.cache",
            "io.headroom.guard",
            "io.headroom.guard.http",
            "io.headroom.jdbc",
            "io.headroom.ratelimit",
            "io.headroom.ratelimit.http",
            "io.headroom.routing",
            "io.headroom.sharding",
            "io.headroom.spring.boot",
            "io.headroom.spring.cache",
            "io.headroom.testkit",
            "io.headroom.testkit.routing",
            "io.headroom.testkit.servers",
            "io.headroom.testkit.sharding");
  }

  @TestFactory
  Stream<DynamicTest> publishedCodeKeeps() {
    return all(new HouseRules("io.headroom")).stream()
        .map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(PUBLISHED)));
  }

  /** Which classes of the fixture break which rule: those, and no others. */
  @TestFactory
  Stream<DynamicTest> everyRuleCanFail() {
    HouseRules rules = new HouseRules("fixture.house");
    Map<ArchRule, List<String>> culprits =
        Map.of(
            rules.knownPackages(), List.of("PublicInside", "Unmarked"),
            rules.serversStandAlone(), List.of("UsesCore"),
            rules.noTestkitAndNoSpring(), List.of("UsesTestkit"),
            rules.noPackageCycle(), List.of("Core"),
            rules.internalIsNotPublic(), List.of("PublicInside"),
            rules.onlyTimeSourceReadsClocks(), List.of("ReadsClock"),
            rules.noStandardStreams(), List.of("Prints"),
            rules.noJavaUtilLogging(), List.of("Prints"),
            rules.formatsNameTheirLocale(), List.of("FormatsByDefault"),
            rules.packagesAreNullMarked(), List.of("Unmarked"));
    return culprits.entrySet().stream()
        .map(
            expected ->
                DynamicTest.dynamicTest(
                    expected.getKey().getDescription(),
                    () -> assertBrokenBy(expected.getKey(), expected.getValue())));
  }

  @Test
  void everyRowOfTheModuleTableCanFail() {
    List<EvaluationResult> broken =
        new HouseRules("fixture.house")
            .moduleDependencies().stream()
                .map(rule -> rule.evaluate(FIXTURE))
                .filter(EvaluationResult::hasViolation)
                .toList();

    assertThat(culpritsOf(broken))
        .containsOnly("Core", "UsesSibling", "UsesForeignJar", "UsesTestkit");
  }

  @Test
  void everyWayToReadAClockIsSeen() {
    EvaluationResult result =
        new HouseRules("fixture.house").onlyTimeSourceReadsClocks().evaluate(FIXTURE);

    assertThat(result.getFailureReport().getDetails()).hasSize(8);
  }

  @Test
  void everyFormatInTheDefaultLocaleIsSeen() {
    EvaluationResult result =
        new HouseRules("fixture.house").formatsNameTheirLocale().evaluate(FIXTURE);

    assertThat(result.getFailureReport().getDetails()).hasSize(4);
  }

  @Test
  void aDriverIsSeen() {
    JavaClasses servers = new ClassFileImporter().importPackages("fixture.driver");

    assertBrokenBy(new HouseRules("fixture.driver").noDriver(), List.of("UsesDriver"), servers);
  }

  private static List<ArchRule> all(HouseRules rules) {
    return Stream.concat(
            Stream.of(
                rules.knownPackages(),
                rules.serversStandAlone(),
                rules.noTestkitAndNoSpring(),
                rules.noDriver(),
                rules.noPackageCycle(),
                rules.internalIsNotPublic(),
                rules.onlyTimeSourceReadsClocks(),
                rules.noStandardStreams(),
                rules.noJavaUtilLogging(),
                rules.formatsNameTheirLocale(),
                rules.packagesAreNullMarked()),
            rules.moduleDependencies().stream())
        .toList();
  }

  private static void assertBrokenBy(ArchRule rule, List<String> culprits) {
    assertBrokenBy(rule, culprits, FIXTURE);
  }

  private static void assertBrokenBy(ArchRule rule, List<String> culprits, JavaClasses classes) {
    EvaluationResult result = rule.evaluate(classes);

    assertThat(result.hasViolation()).isTrue();
    assertThat(culpritsOf(List.of(result))).hasSameElementsAs(culprits);
  }

  /** The simple names of the fixture's classes that the reports name as the ones at fault. */
  private static List<String> culpritsOf(List<EvaluationResult> results) {
    return results.stream()
        .flatMap(result -> result.getFailureReport().getDetails().stream())
        .flatMap(HouseRulesTest::firstClassNamed)
        .collect(Collectors.toList());
  }

  private static Stream<String> firstClassNamed(String detail) {
    return java.util.regex.Pattern.compile("fixture(?:\\.[a-z]+)+\\.([A-Z]\\w+)")
        .matcher(detail)
        .results()
        .map(match -> match.group(1))
        .limit(1);
  }
}
