package io.headroom;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * Which options of a builder are set: a second value for one is refused, since nobody can tell
 * which of the two was meant.
 *
 * <pre>{@code
 * private final SetOnce once = new SetOnce("cache 'books'");
 *
 * public Builder timeout(Duration timeout) {
 *   once.setting("timeout"); // the second time: "cache 'books': timeout is set twice: set it once"
 * }
 * }</pre>
 *
 * <p>Not thread-safe, as builders are not.
 */
public final class SetOnce {

  private final String whose;
  private final Set<String> options = new HashSet<>();

  /**
   * Starts with none set.
   *
   * @param whose options they are, for messages, such as {@code cache 'books'}
   */
  public SetOnce(String whose) {
    this.whose = Objects.requireNonNull(whose, "whose must not be null");
  }

  /**
   * Notes that an option is set now.
   *
   * @param option its name
   * @throws IllegalStateException if it is set already
   */
  public void setting(String option) {
    refuseSecond(whose, option, !options.add(Objects.requireNonNull(option)));
  }

  /**
   * Tells whether an option is set.
   *
   * @param option its name
   * @return whether {@link #setting} was told of it
   */
  public boolean has(String option) {
    return options.contains(option);
  }

  /**
   * Refuses a second value, for who knows by the option itself whether it is set.
   *
   * @param whose option it is, for the message
   * @param option its name
   * @param isSet whether it has a value already
   * @throws IllegalStateException if it has
   */
  public static void refuseSecond(String whose, String option, boolean isSet) {
    if (isSet) {
      throw new IllegalStateException(whose + ": " + option + " is set twice: set it once");
    }
  }

  @Override
  public String toString() {
    return whose + " with " + options;
  }
}
