package io.headroom.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.protocol.RedisCommand;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Has a command fail at once whose connection ends before its answer, and has it sent no more:
 * nobody knows whether it has run, and what it did may be undone by then. By its options alone
 * Lettuce 6 sends again what was under way when a stream ended (7 has it fail), and both tell
 * nobody of what could not be written until its time is over. Thread-safe.
 */
final class LostCommands implements RedisConnectionStateListener {

  /** Fails what is to be sent again; Lettuce 7 has none, and nothing to send again. */
  private static final @Nullable Method RESET =
      Arrays.stream(RedisChannelHandler.class.getMethods())
          .filter(method -> method.getName().equals("reset") && method.getParameterCount() == 0)
          .findAny()
          .orElse(null);

  /**
   * Lettuce's filter of what is sent again, which forgets what it leaves out.
   *
   * @param command null for several that were sent in one go, which only reads are here: what
   *     becomes of them is told when they are sent again
   */
  static boolean fails(@Nullable RedisCommand<?, ?, ?> command) {
    if (command == null) {
      return false;
    }
    command.completeExceptionally(
        new RedisException("The connection was lost before the command was sent"));
    return true;
  }

  /** Before it is connected anew, on the same thread. */
  @Override
  public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
    Method reset = RESET;
    if (reset == null || connection.isOpen()) { // over another channel by now
      return;
    }
    try {
      reset.invoke(connection);
    } catch (IllegalAccessException | InvocationTargetException impossible) {
      throw new IllegalStateException("Lettuce's own reset() of " + connection, impossible);
    }
  }
}
