package io.headroom.testkit.servers;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a Redis server has answered to {@link RedisServer#command}: a text, an integer, an array of
 * replies, or nil.
 *
 * <pre>{@code
 * assertThat(server.command("GET", "order:7").text()).isEqualTo("paid");
 * assertThat(server.command("DBSIZE").integer()).isEqualTo(1);
 * }</pre>
 *
 * <p>Immutable.
 */
public final class RedisReply {

  private static final RedisReply NIL = new RedisReply(null);

  private final @Nullable Object value;

  private RedisReply(@Nullable Object value) {
    this.value = value;
  }

  static RedisReply of(String text) {
    return new RedisReply(text);
  }

  static RedisReply of(long integer) {
    return new RedisReply(integer);
  }

  static RedisReply of(List<RedisReply> elements) {
    return new RedisReply(List.copyOf(elements));
  }

  static RedisReply nil() {
    return NIL;
  }

  /**
   * Tells whether there is no value.
   *
   * @return true for nil, as of a key that does not exist
   */
  public boolean isNil() {
    return value == null;
  }

  /**
   * Returns a text, or an integer as its digits.
   *
   * @return the text, decoded as UTF-8
   * @throws IllegalStateException if it is an array or nil
   */
  public String text() {
    if (value == null || value instanceof List) {
      throw isNot("a text");
    }
    return value.toString();
  }

  /**
   * Returns an integer, or a text of digits as one.
   *
   * @return the integer
   * @throws IllegalStateException if it is none
   */
  public long integer() {
    try {
      return Long.parseLong(text());
    } catch (NumberFormatException other) {
      throw isNot("an integer");
    }
  }

  /**
   * Returns the replies in an array.
   *
   * @return an immutable list
   * @throws IllegalStateException if it is no array
   */
  public List<RedisReply> elements() {
    if (value instanceof List<?> list) {
      return list.stream().map(RedisReply.class::cast).toList();
    }
    throw isNot("an array");
  }

  private IllegalStateException isNot(String kind) {
    return new IllegalStateException("The reply is " + this + ", not " + kind);
  }

  @Override
  public String toString() {
    return value == null ? "(nil)" : value.toString();
  }
}
