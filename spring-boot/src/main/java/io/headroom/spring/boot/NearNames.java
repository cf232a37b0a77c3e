package io.headroom.spring.boot;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/**
 * Which property somebody may have meant by a name that is not known: the one that takes the fewest
 * slips, of a third of a word's letters at most. The names that maps have are anybody's.
 */
final class NearNames {

  private static final ConfigurationPropertyName OURS = ConfigurationPropertyName.of("headroom");

  private final ConfigurationPropertyName given;

  /**
   * A property.
   *
   * @param name its name
   * @param slips by how many it differs
   */
  private record Near(ConfigurationPropertyName name, int slips) {}

  private NearNames(ConfigurationPropertyName given) {
    this.given = given;
  }

  /** The property that is the nearest to one below {@code headroom}, if any is near. */
  static Optional<ConfigurationPropertyName> of(ConfigurationPropertyName given) {
    Near near = new NearNames(given).below(OURS, HeadroomProperties.class, 0);
    return near == null || near.slips() == 0 ? Optional.empty() : Optional.of(near.name());
  }

  /** The nearest below a name that has as many elements as were looked at. */
  private @Nullable Near below(ConfigurationPropertyName name, Type type, int slips) {
    int at = name.getNumberOfElements();
    if (type instanceof Class<?> block && block.isRecord()) {
      return at == given.getNumberOfElements() ? null : ofBlock(name, block, slips);
    }
    if (type instanceof ParameterizedType some && some.getRawType() == Map.class) {
      Type values = some.getActualTypeArguments()[1];
      boolean ofBlocks = values instanceof Class<?> value && value.isRecord();
      if (at == given.getNumberOfElements()) {
        return null;
      }
      return ofBlocks
          ? below(append(name, at), values, slips)
          : new Near(appendAll(name, at), slips);
    }
    boolean several =
        type instanceof ParameterizedType some
            && some.getRawType() instanceof Class<?> raw
            && Collection.class.isAssignableFrom(raw);
    return several || at == given.getNumberOfElements()
        ? new Near(appendAll(name, at), slips)
        : null;
  }

  private @Nullable Near ofBlock(ConfigurationPropertyName name, Class<?> block, int slips) {
    String word = given.getElement(name.getNumberOfElements(), Form.UNIFORM);
    Near nearest = null;
    for (RecordComponent each : block.getRecordComponents()) {
      String known = each.getName().toLowerCase(Locale.ROOT);
      int more = slips(word, known);
      if (more <= Math.max(1, known.length() / 3)) {
        Near near = below(name.append(dashed(each.getName())), each.getGenericType(), slips + more);
        if (near != null && (nearest == null || near.slips() < nearest.slips())) {
          nearest = near;
        }
      }
    }
    return nearest;
  }

  private ConfigurationPropertyName append(ConfigurationPropertyName name, int at) {
    String plain = given.getElement(at, Form.DASHED);
    boolean asItIs =
        !plain.isEmpty()
            && ConfigurationPropertyName.isValid(plain)
            && !given.chop(at + 1).isLastElementIndexed();
    return name.append(asItIs ? plain : "[" + given.getElement(at, Form.ORIGINAL) + "]");
  }

  private ConfigurationPropertyName appendAll(ConfigurationPropertyName name, int from) {
    ConfigurationPropertyName all = name;
    for (int at = from; at < given.getNumberOfElements(); at++) {
      all = append(all, at);
    }
    return all;
  }

  private static String dashed(String component) {
    return component.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /**
   * How many letters are too many, missing, others, or in the wrong order beside each other: the
   * optimal string alignment distance, in time and memory of one word times the other.
   */
  static int slips(String one, String other) {
    int[][] costs = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= other.length(); j++) {
        if (i == 0 || j == 0) {
          costs[i][j] = i + j;
          continue;
        }
        int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        int least = Math.min(costs[i - 1][j] + 1, costs[i][j - 1] + 1);
        least = Math.min(least, costs[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && one.charAt(i - 1) == other.charAt(j - 2)
            && one.charAt(i - 2) == other.charAt(j - 1)) {
          least = Math.min(least, costs[i - 2][j - 2] + 1);
        }
        costs[i][j] = least;
      }
    }
    return costs[one.length()][other.length()];
  }
}
