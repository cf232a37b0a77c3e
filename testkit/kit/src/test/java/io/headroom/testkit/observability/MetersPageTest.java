package io.headroom.testkit.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** docs/meters.md lists every meter of every module, as they are. */
class MetersPageTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1);

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private static final Path PAGE = Documents.inProject("docs/meters.md");
  private static final Path ADVICE =
      Documents.inProject("testkit/kit/src/test/resources/meters-advice.tsv");

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.headroom");

  private static final String WRITE = "meters.write";

  private static EveryMeter all;
  private static PrometheusMeterRegistry registry;
  private static MetersPage page;

  @BeforeAll
  static void bind() throws IOException {
    all = EveryMeter.on(postgres, redis.get());
    registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.throwExceptionOnRegistrationFailure();
    all.bindTo(registry);
    page = new MetersPage(registry, MetersPage.adviceIn(Files.readAllLines(ADVICE)));
  }

  @AfterAll
  static void close() {
    all.close();
  }

  @Test
  void thePageIsWhatTheMetersSay() throws IOException {
    assertThat(page.faults()).isEmpty();
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(PAGE, page.markdown());
    }
    assertThat(MetersPage.differences(page.markdown(), Files.readString(PAGE)))
        .as("docs/meters.md is to be written anew: %s", MetersPage.COMMAND)
        .isEmpty();
  }

  @Test
  void everyBinderIsBound() {
    Set<String> ours =
        OURS.stream()
            .filter(type -> type.isAssignableTo(MeterBinder.class) && !type.isInterface())
            .map(JavaClass::getName)
            .collect(Collectors.toSet());
    assertThat(all.binders().map(Class::getName).collect(Collectors.toSet()))
        .as("bound by EveryMeter")
        .isEqualTo(ours);
  }

  /** So none is registered later than when a binder is bound, by the starter too. */
  @Test
  void nobodyElseRegistersMeters() {
    List<String> names =
        OURS.stream()
            .filter(
                type ->
                    type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(to -> to.getTargetClass().isEquivalentTo(MeterRegistry.class)))
            .map(JavaClass::getName)
            .toList();
    assertThat(names)
        .hasSizeGreaterThan(5)
        .allMatch(name -> name.matches("[a-z.]+\\w+Metrics(AutoConfiguration|\\$.+)?"));
  }

  /** So a meter that only some option brings is missed here only if it is missing there too. */
  @Test
  void everyMeterIsInTheJavadocOfItsBinderAndNoOtherIs() throws IOException {
    Pattern row = Pattern.compile("<td>\\{@code[\\s*]+(headroom\\.[a-z.]+)}");
    Set<String> documented = new TreeSet<>();
    for (Class<?> binder : all.binders().distinct().toList()) {
      Matcher name = row.matcher(Files.readString(Documents.sourceOf(binder)));
      while (name.find()) {
        assertThat(documented.add(name.group(1))).as("%s, once", name.group(1)).isTrue();
      }
    }
    assertThat(page.names()).containsExactlyInAnyOrderElementsOf(documented);
  }

  @Test
  void whatIsWrongWithTheMetersIsNamed() {
    PrometheusMeterRegistry wrong = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Gauge.builder("headroom.cache.unheard", () -> 1).register(wrong);
    Gauge.builder("other.thing", () -> 1).description("of another scheme").register(wrong);
    Gauge.builder("headroom.cache.two", () -> 1).description("one").tag("a", "1").register(wrong);
    Gauge.builder("headroom.cache.two", () -> 1).description("two").tag("a", "2").register(wrong);

    assertThat(
            new MetersPage(
                    wrong,
                    Map.of("other.thing", "do", "headroom.cache.two", "do", "gone", "nothing"))
                .faults())
        .containsExactlyInAnyOrder(
            "headroom.cache.unheard: it has no description",
            "headroom.cache.unheard: meters-advice.tsv does not say what to do when it moves",
            "other.thing: meters are called headroom.<module>.<noun>",
            "headroom.cache.two: all of a name have one description, and it has [one, two]",
            "gone: there is advice on it, and no such meter");
  }

  @Test
  void aMeterThatThePageLacksOrHasTooManyOfIsNamed() {
    Map<String, String> advice =
        new TreeMap<>(page.names().stream().collect(Collectors.toMap(name -> name, name -> "do")));
    String whole = new MetersPage(registry, advice).markdown();
    Stream<String> without =
        whole.lines().filter(line -> !line.startsWith("| `headroom.guard.level`"));
    String less = without.collect(Collectors.joining("\n", "", "\n"));

    assertThat(MetersPage.differences(whole, whole)).isEmpty();
    assertThat(MetersPage.differences(whole, less))
        .singleElement()
        .asString()
        .startsWith("missing: | `headroom.guard.level`");
    assertThat(MetersPage.differences(less, whole))
        .singleElement()
        .asString()
        .startsWith("unknown: | `headroom.guard.level`");
    assertThat(MetersPage.differences(whole, whole.replace("| do |", "| wait |")))
        .hasSameSizeAs(page.names())
        .allMatch(difference -> difference.startsWith("is: "));
    assertThat(MetersPage.differences(whole, whole + "\n")).hasSize(1);
  }

  @Test
  void adviceIsOneLineForEachName() {
    assertThat(MetersPage.adviceIn(List.of("# comment", "", "a\tlook")))
        .containsExactly(Map.entry("a", "look"));
    assertThatThrownBy(() -> MetersPage.adviceIn(List.of("a look")))
        .hasMessageContaining("one tab");
    assertThatThrownBy(() -> MetersPage.adviceIn(List.of("a\tlook", "a\twait")))
        .hasMessageContaining("twice");
  }
}
