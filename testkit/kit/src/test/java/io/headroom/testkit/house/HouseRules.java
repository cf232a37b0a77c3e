package io.headroom.testkit.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.NullMarked;

/**
 * The rules of the house, as docs and reviews quote them, over all packages below one root.
 *
 * <p>The root is a parameter so that fixtures which break each rule can prove that it can fail.
 */
final class HouseRules {

  /** What every module may use: the JDK, the null annotations and the logging facade. */
  private static final List<String> EVERYWHERE =
      List.of("java..", "javax.sql..", "javax.crypto..", "org.jspecify..", "org.slf4j..");

  /** Background threads that pace themselves: they sleep, and no answer depends on how long. */
  private static final Set<String> PACED = Set.of("StorePoller");

  private static final String MICROMETER = "io.micrometer..";

  /** Third parties, and modules of ours beside core, for each package of a published module. */
  private record Allowance(List<String> ours, List<String> theirs) {}

  private final String root;
  private final Map<String, Allowance> allowances = new LinkedHashMap<>();

  HouseRules(String root) {
    this.root = root;
    allow(root, List.of(), List.of(MICROMETER));
    allow(root + ".jdbc..", List.of(root), List.of(MICROMETER));
    allow(root + ".sharding..", core(), List.of(MICROMETER));
    List<String> backed = List.of(MICROMETER, "io.github.resilience4j..");
    allow(root + ".routing..", core(), and(backed, "com.zaxxer.hikari.."));
    allow(root + ".redis..", core(), and(backed, "io.lettuce..", "io.netty.channel.."));
    List<String> onRedis = and(core(), root + ".redis..");
    List<String> tiers = List.of(MICROMETER, "com.github.benmanes.caffeine..", "io.lettuce..");
    List<String> codecs = List.of("com.fasterxml.jackson..", "com.github.luben.zstd..");
    allow(root + ".cache..", onRedis, and(tiers, codecs.toArray(new String[0])));
    allow(root + ".ratelimit", onRedis, List.of(MICROMETER));
    List<String> servlets = List.of("jakarta.servlet..");
    allow(root + ".ratelimit.servlet", List.of(), servlets);
    List<String> limits = List.of(root + ".ratelimit", root + ".ratelimit.servlet");
    allow(root + ".ratelimit.http", limits, servlets);
    List<String> pools = List.of(MICROMETER, "com.zaxxer.hikari..");
    allow(root + ".guard", core(), pools);
    List<String> guards = List.of(root, root + ".guard", root + ".ratelimit..");
    allow(root + ".guard.http", guards, servlets);
    List<String> libraries = List.of(root + ".sharding..", root + ".routing..", root + ".cache..");
    List<String> spring = List.of(MICROMETER, "org.springframework..");
    allow(root + ".spring.cache..", and(core(), libraries.toArray(new String[0])), spring);
    List<String> all = List.of(root, root + ".jdbc..", root + ".spring..", root + ".guard..");
    allow(
        root + ".spring.boot..",
        and(and(all, libraries.toArray(new String[0])), root + ".ratelimit..", root + ".redis.."),
        and(
            spring,
            "com.zaxxer.hikari..",
            "org.aopalliance..",
            "org.flywaydb..",
            "jakarta.servlet..",
            "com.fasterxml.jackson..",
            "tools.jackson.."));
  }

  private List<String> core() {
    return List.of(root, root + ".jdbc..");
  }

  private static List<String> and(List<String> some, String... more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(List.of(more));
    return all;
  }

  private void allow(String packages, List<String> ours, List<String> theirs) {
    allowances.put(packages, new Allowance(ours, theirs));
  }

  /** Every package of ours is known here, so that a new module can't slip past the table. */
  ArchRule knownPackages() {
    List<String> known = new ArrayList<>(allowances.keySet());
    known.add(root + ".testkit..");
    return classes()
        .that(resideInAPackage(root + ".."))
        .should()
        .resideInAnyPackage(known.toArray(new String[0]))
        .because("a new module says in HouseRules what it may depend on");
  }

  /** One rule for each row of the table: a module depends on core and its own third parties. */
  List<ArchRule> moduleDependencies() {
    List<ArchRule> rules = new ArrayList<>();
    allowances.forEach(
        (packages, allowed) -> {
          List<String> may = new ArrayList<>(EVERYWHERE);
          may.add(packages);
          may.addAll(allowed.ours());
          may.addAll(allowed.theirs());
          rules.add(
              classes()
                  .that(resideInAPackage(packages))
                  .should()
                  .onlyDependOnClassesThat(resideInAnyPackage(may.toArray(new String[0])))
                  .because("modules share core types, never each other's, and no further jars")
                  .allowEmptyShould(true));
        });
    return rules;
  }

  /** The servers are used by core's own tests, so they know nothing of ours. */
  ArchRule serversStandAlone() {
    return noClasses()
        .that(resideInAPackage(root + ".testkit.servers.."))
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(DescribedPredicate.not(resideInAPackage(root + ".testkit.servers.."))))
        .allowEmptyShould(true);
  }

  /** Published code knows neither the testkit nor Spring, but for what connects the two. */
  ArchRule noTestkitAndNoSpring() {
    return noClasses()
        .that(inProductCode())
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(root + ".testkit..", "org.springframework..", "org.junit.."))
        .because("whoever depends on Headroom gets neither tests nor a framework");
  }

  /** A driver's class is reached by unwrap or by SQL, never by import. */
  ArchRule noDriver() {
    return noClasses()
        .that(inProductCode())
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("org.postgresql..", "com.mysql..", "org.mariadb..", "org.h2.."))
        .because("users bring the driver; reach its class by unwrap or by SQL");
  }

  ArchRule noPackageCycle() {
    return slices().assignedFrom(packagesBelowRoot()).should().beFreeOfCycles();
  }

  ArchRule internalIsNotPublic() {
    return noClasses()
        .that()
        .resideInAPackage(root + "..internal..")
        .should()
        .bePublic()
        .because("internal is exported to nobody")
        .allowEmptyShould(true);
  }

  /** Nothing but TimeSource's own implementation reads a clock or sleeps by one. */
  ArchRule onlyTimeSourceReadsClocks() {
    return classes()
        .that(inProductCode())
        .and()
        .doNotHaveFullyQualifiedName(root + ".SystemTime")
        .should(notCall(HouseRules::readsClock, "a clock, or sleep by one"))
        .because("time comes from TimeSource, so that a test can set it");
  }

  ArchRule noStandardStreams() {
    return classes()
        .that(resideInAPackage(root + ".."))
        .should(
            notCall(
                access ->
                    access.getTargetOwner().isEquivalentTo(System.class)
                        && Set.of("out", "err", "in").contains(access.getTarget().getName()),
                "a standard stream"))
        .because("a library logs through slf4j");
  }

  /** java.sql obliges a DataSource to mention java.util.logging.Logger; nothing has to call it. */
  ArchRule noJavaUtilLogging() {
    return classes()
        .that(resideInAPackage(root + ".."))
        .should(
            notCall(
                access -> access.getTargetOwner().getPackageName().equals("java.util.logging"),
                "java.util.logging"))
        .because("a library logs through slf4j");
  }

  /**
   * Digits are the same everywhere. Under some default locales {@code %d} writes other digits than
   * ASCII's, and {@code %,d} another separator: in SQL an error, in a message a puzzle.
   */
  ArchRule formatsNameTheirLocale() {
    return classes()
        .that(resideInAPackage(root + ".."))
        .should(notCall(HouseRules::formatsByDefaultLocale, "a format in the default locale"))
        .because("String.format(Locale.ROOT, ...) or a concatenation reads alike everywhere");
  }

  /** Every package has a package-info, and it is null-marked. */
  ArchRule packagesAreNullMarked() {
    return classes()
        .that(resideInAPackage(root + ".."))
        .should(
            new ArchCondition<JavaClass>("be in a package whose package-info is @NullMarked") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                boolean marked =
                    type.getPackage()
                        .tryGetPackageInfo()
                        .map(info -> info.isAnnotatedWith(NullMarked.class))
                        .orElse(false);
                if (!marked) {
                  events.add(
                      SimpleConditionEvent.violated(
                          type, type.getName() + " is in a package that isn't @NullMarked"));
                }
              }
            });
  }

  private DescribedPredicate<JavaClass> inProductCode() {
    return resideInAPackage(root + "..")
        .and(DescribedPredicate.not(resideInAnyPackage(root + ".testkit..", root + ".spring..")));
  }

  private static boolean readsClock(JavaAccess<?> access) {
    AccessTarget target = access.getTarget();
    String owner = access.getTargetOwner().getName();
    String name = target.getName();
    return switch (owner) {
      case "java.lang.System" -> name.equals("nanoTime") || name.equals("currentTimeMillis");
      case "java.lang.Thread", "java.util.concurrent.TimeUnit" ->
          name.equals("sleep") && !PACED.contains(access.getOriginOwner().getSimpleName());
      case "java.util.Date" -> noArguments(access) && name.equals("<init>");
      case "java.util.Calendar" -> name.equals("getInstance");
      case "java.time.Clock" -> name.startsWith("system") || name.startsWith("tick");
      default -> owner.startsWith("java.time.") && name.equals("now");
    };
  }

  private static boolean formatsByDefaultLocale(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getName();
    String name = access.getTarget().getName();
    return switch (owner) {
      case "java.lang.String" ->
          name.equals("formatted") || (name.equals("format") && !takesLocale(access));
      case "java.io.PrintStream", "java.io.PrintWriter" ->
          Set.of("format", "printf").contains(name) && !takesLocale(access);
      case "java.util.Formatter" -> name.equals("<init>") && !takesLocale(access);
      default -> false;
    };
  }

  private static boolean takesLocale(JavaAccess<?> access) {
    return access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget call
        && call.getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(Locale.class));
  }

  private static boolean noArguments(JavaAccess<?> access) {
    return access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget call
        && call.getRawParameterTypes().isEmpty();
  }

  private static ArchCondition<JavaClass> notCall(
      java.util.function.Predicate<JavaAccess<?>> forbidden, String what) {
    return new ArchCondition<>("not use " + what) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        type.getAccessesFromSelf().stream()
            .filter(forbidden)
            .forEach(
                access ->
                    events.add(SimpleConditionEvent.violated(access, access.getDescription())));
      }
    };
  }

  private SliceAssignment packagesBelowRoot() {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        String name = type.getPackageName();
        return name.equals(root) || name.startsWith(root + ".")
            ? SliceIdentifier.of(name)
            : SliceIdentifier.ignore();
      }

      @Override
      public String getDescription() {
        return "packages below " + root;
      }
    };
  }
}
