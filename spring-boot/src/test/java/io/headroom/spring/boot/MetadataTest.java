package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What IDEs complete. */
class MetadataTest {

  private static String metadata() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            HeadroomProperties.class.getResourceAsStream(
                "/META-INF/spring-configuration-metadata.json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** All names of single properties and of maps. */
  private static List<String> namesBelow(String prefix, Class<?> type) {
    List<String> names = new ArrayList<>();
    for (RecordComponent each : type.getRecordComponents()) {
      String name =
          prefix
              + "."
              + each.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
      if (each.getType().isRecord()) {
        names.addAll(namesBelow(name, each.getType()));
      } else {
        names.add(name);
      }
    }
    return names;
  }

  @Test
  void everyPropertyIsInTheMetadataWithADescription() throws IOException {
    List<String> names = namesBelow("headroom", HeadroomProperties.class);
    assertThat(names)
        .contains("headroom.guard.maximum-wait", "headroom.caches")
        .hasSizeGreaterThan(60);
    String metadata = metadata();
    for (String name : names) {
      Matcher entry =
          Pattern.compile("\\{[^{}]*\"name\": \"" + Pattern.quote(name) + "\"[^{}]*}")
              .matcher(metadata);
      assertThat(entry.find()).as(name).isTrue();
      assertThat(entry.group()).as(name).contains("\"description\": \"");
    }
  }

  /** An IDE finds what a map's values have by their type, which the metadata names. */
  @Test
  void mapsNameTheTypeOfTheirValues() throws IOException {
    String metadata = metadata();
    for (RecordComponent each : HeadroomProperties.class.getRecordComponents()) {
      if (each.getType() == Map.class) {
        ParameterizedType map = (ParameterizedType) each.getGenericType();
        assertThat(metadata).contains("," + map.getActualTypeArguments()[1].getTypeName() + ">");
      }
    }
  }
}
