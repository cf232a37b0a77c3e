package io.headroom.cache;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Objects;

/**
 * Values as JSON, by Jackson 2.
 *
 * <pre>{@code
 * CacheCodec<Profile> codec = JacksonCodec.of(Profile.class);
 * }</pre>
 *
 * <p>Without a mapper of your own: records and beans; properties that are not known are ignored, so
 * that an older process can read what a newer one wrote. With one: as it is configured when it is
 * given here, {@code java.time} and all. A mapper with default typing is refused: with it the bytes
 * choose the classes, and whoever can write to Redis would choose them.
 *
 * <p>Thread-safe. Needs jackson-databind, from 2.19 on, which nothing else in this module does. For
 * Jackson 3 pass its mapper's methods to {@link CacheCodec#of}.
 *
 * @param <V> the type of values
 */
@SuppressWarnings("exports") // Jackson is optional: a module that uses it requires it itself
public final class JacksonCodec<V> implements CacheCodec<V> {

  private final ObjectReader reader;
  private final ObjectWriter writer;
  private final JavaType type;

  private JacksonCodec(ObjectMapper mapper, JavaType type) {
    if (mapper.getDeserializationConfig().getDefaultTyper(type) != null) {
      throw new IllegalArgumentException(
          "the mapper for "
              + type.toCanonical()
              + " has default typing, with which cached bytes choose the classes to create: pass"
              + " one without it, and annotate the types that need a name with @JsonTypeInfo");
    }
    this.reader = mapper.readerFor(type).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    this.writer = mapper.writerFor(type);
    this.type = type;
  }

  /**
   * Returns a codec with a mapper of its own. It lets pass what a value has too much, and not that
   * a number or a boolean is missing: then it is loaded anew. A field that was renamed is neither
   * seen nor missed otherwise: raise {@link SharedTierBuilder#schemaVersion} with it.
   *
   * @param <V> the type of values
   * @param type the type of values
   * @return the codec
   */
  public static <V> JacksonCodec<V> of(Class<V> type) {
    return of(
        JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build(),
        type);
  }

  /**
   * Returns a codec with a mapper that you bring.
   *
   * @param <V> the type of values
   * @param mapper configured for good: changes that come later may count or not
   * @param type the type of values
   * @return the codec
   * @throws IllegalArgumentException if the mapper has default typing
   */
  public static <V> JacksonCodec<V> of(ObjectMapper mapper, Class<V> type) {
    Objects.requireNonNull(type, "type must not be null");
    return of(mapper, mapper.constructType(type));
  }

  /**
   * Returns a codec of a generic type, with a mapper that you bring.
   *
   * <pre>{@code
   * JavaType type = mapper.getTypeFactory().constructCollectionType(List.class, Profile.class);
   * CacheCodec<List<Profile>> codec = JacksonCodec.of(mapper, type);
   * }</pre>
   *
   * @param <V> the type of values, which has to be the one that {@code type} says: nobody checks
   * @param mapper configured for good: changes that come later may count or not
   * @param type the type of values
   * @return the codec
   * @throws IllegalArgumentException if the mapper has default typing
   */
  public static <V> JacksonCodec<V> of(ObjectMapper mapper, JavaType type) {
    return new JacksonCodec<>(
        Objects.requireNonNull(mapper, "mapper must not be null"),
        Objects.requireNonNull(type, "type must not be null"));
  }

  @Override
  public int id() {
    return 3;
  }

  @Override
  public byte[] encode(V value) throws Exception {
    return writer.writeValueAsBytes(value);
  }

  @Override
  public V decode(byte[] bytes) throws Exception {
    return reader.readValue(bytes);
  }

  @Override
  public String toString() {
    return "JSON of " + type.toCanonical();
  }
}
