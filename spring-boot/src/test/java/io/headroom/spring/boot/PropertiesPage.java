package io.headroom.spring.boot;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.json.JsonParserFactory;

/**
 * docs/properties.md, as the configuration metadata has the properties. What a map's values have is
 * in no metadata: it comes from the records that they are bound to, and their Javadoc.
 */
final class PropertiesPage {

  static final String COMMAND =
      "mvn test -pl spring-boot -am -Dtest=PropertiesPageTest -Dproperties.write=true"
          + " -Dsurefire.failIfNoSpecifiedTests=false";

  private static final Pattern UNLESS_SET = Pattern.compile("(.*); ([^;]+) unless set");

  /** One property; its default is empty where it has none. */
  private record Row(String name, String type, String ifAbsent, String description) {}

  private record Group(String name, String description, List<Row> rows) {}

  private final Map<String, Map<String, Object>> metadata;
  private final ParamTags tags;
  private final Map<Class<?>, String> listed = new LinkedHashMap<>();
  private final List<Group> groups = new ArrayList<>();

  PropertiesPage(Map<String, Map<String, Object>> metadata, ParamTags tags) {
    this.metadata = metadata;
    this.tags = tags;
    Group all = new Group("headroom", "", new ArrayList<>());
    groups.add(all);
    walk(all, HeadroomProperties.class);
  }

  /** The properties of the starter's metadata, by name. */
  static Map<String, Map<String, Object>> metadata() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            HeadroomProperties.class.getResourceAsStream(
                "/META-INF/spring-configuration-metadata.json"))) {
      String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Map<String, Map<String, Object>> byName = new TreeMap<>();
      for (Object each :
          (List<?>) JsonParserFactory.getJsonParser().parseMap(json).get("properties")) {
        Map<String, Object> property = new TreeMap<>();
        ((Map<?, ?>) each).forEach((key, value) -> property.put((String) key, value));
        byName.put((String) property.get("name"), property);
      }
      return byName;
    }
  }

  private void walk(Group group, Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    for (int i = 0; i < components.length; i++) {
      RecordComponent each = components[i];
      String name = group.name() + "." + kebab(each.getName());
      String description = tags.of(type, each.getName());
      Class<?> values = valuesOf(each.getGenericType());
      if (each.getType().isRecord()) {
        nested(group, name, description, each.getType());
      } else if (values != null && values.isRecord()) {
        nested(group, name + ".<name>", description, values);
      } else {
        group.rows().add(row(name, each, defaultOf(type, i), description));
      }
    }
  }

  /** A group of its own where its type comes first, and a word on where that is elsewhere. */
  private void nested(Group group, String name, String description, Class<?> type) {
    String first = listed.putIfAbsent(type, name);
    if (first == null) {
      Group own = new Group(name, description, new ArrayList<>());
      groups.add(own);
      walk(own, type);
    } else {
      String as = description + ": as `" + first + ".*`";
      group.rows().add(new Row(name + ".*", "", "", as));
    }
  }

  private Row row(String name, RecordComponent component, String annotated, String described) {
    Map<String, Object> known = metadata.getOrDefault(name, Map.of());
    String description = (String) known.getOrDefault("description", described);
    Object value = known.getOrDefault("defaultValue", annotated);
    String ifAbsent = value.equals("") ? "" : "`" + value + "`";
    Matcher unless = UNLESS_SET.matcher(description);
    if (unless.matches()) {
      description = unless.group(1);
      ifAbsent = ifAbsent.isEmpty() ? unless.group(2) : ifAbsent;
    }
    return new Row(name, typeOf(component.getGenericType()), ifAbsent, description);
  }

  private static String defaultOf(Class<?> type, int index) {
    DefaultValue annotation =
        type.getDeclaredConstructors()[0].getParameters()[index].getAnnotation(DefaultValue.class);
    return annotation == null ? "" : String.join(", ", annotation.value());
  }

  private static Class<?> valuesOf(Type type) {
    if (type instanceof ParameterizedType generic && generic.getRawType() == Map.class) {
      return (Class<?>) generic.getActualTypeArguments()[1];
    }
    return null;
  }

  private static String typeOf(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] of = generic.getActualTypeArguments();
      return of.length == 1
          ? "list of: " + typeOf(of[0])
          : "by " + typeOf(of[0]) + ": " + typeOf(of[1]);
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isEnum()) {
      return Arrays.stream(plain.getEnumConstants())
          .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
          .collect(Collectors.joining("`, `", "`", "`"));
    }
    if (plain == Duration.class) {
      return "duration";
    }
    if (plain == Path.class) {
      return "file";
    }
    return switch (plain.getSimpleName()) {
      case "String" -> "text";
      case "boolean", "Boolean" -> "`true`, `false`";
      case "int", "Integer", "long", "Long" -> "whole number";
      case "double", "Double" -> "number";
      default -> plain.getSimpleName();
    };
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /** The properties of the metadata that this page lacks. */
  List<String> missing() {
    List<String> names =
        groups.stream().flatMap(group -> group.rows().stream()).map(Row::name).toList();
    return metadata.keySet().stream()
        .filter(name -> name.startsWith("headroom."))
        .filter(name -> !names.contains(name) && !names.contains(name + ".<name>.*"))
        .filter(name -> groups.stream().noneMatch(it -> it.name().equals(name + ".<name>")))
        .filter(
            name ->
                names.stream()
                    .noneMatch(
                        row ->
                            row.endsWith(".*")
                                && name.startsWith(row.substring(0, row.length() - 1))))
        .toList();
  }

  /** The rows without a description. */
  List<String> undescribed() {
    return groups.stream()
        .flatMap(group -> group.rows().stream())
        .filter(row -> row.description().isBlank() || row.description().startsWith(":"))
        .map(Row::name)
        .toList();
  }

  List<String> markdown() {
    List<String> lines = new ArrayList<>();
    lines.add("# Properties of the Spring Boot starter");
    lines.add("");
    lines.add(
        "All that may stand below `headroom` in `application.yml`, and what each sets. A key of a"
            + " file or an argument that is not here stops the start. Where `<name>` stands, you"
            + " choose the name. Durations are written as `250ms`, `2s` or `10m`. [The"
            + " README](../spring-boot/README.md) says what each block turns on.");
    lines.add("");
    lines.add(
        "This page is made of the starter's configuration metadata, and compared with it by a"
            + " test. After a change:");
    lines.add("");
    lines.add("    " + COMMAND);
    for (Group group : groups) {
      if (!group.rows().isEmpty()) {
        lines.add("");
        lines.add("## " + group.name().replace("<", "\\<"));
        if (!group.description().isEmpty()) {
          lines.add("");
          lines.add(sentence(group.description()));
        }
        lines.add("");
        lines.add("| property | type | default | what it sets |");
        lines.add("|---|---|---|---|");
        for (Row row : group.rows()) {
          lines.add(
              "| `%s` | %s | %s | %s |"
                  .formatted(
                      row.name(),
                      orDash(row.type()),
                      orDash(row.ifAbsent()),
                      row.description().replace("|", "\\|")));
        }
      }
    }
    return lines;
  }

  private static String orDash(String cell) {
    return cell.isEmpty() ? "–" : cell;
  }

  private static String sentence(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
  }
}
