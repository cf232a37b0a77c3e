package io.headroom.redis;

import io.lettuce.core.RedisException;
import io.lettuce.core.protocol.CommandHandler;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.protocol.RedisHandshakeHandler;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Has a command fail at once whose connection ends before its answer, and has it sent no more:
 * nobody knows whether it has run, and what it did may be undone by then. By its options alone
 * Lettuce 6 sends again what was under way when a stream ended (7 has it fail), and tells nobody of
 * what could not be written until its time is over (so does 7.5). One for each channel, and only
 * for its thread.
 */
final class LostCommands extends ChannelInboundHandlerAdapter {

  /** Puts one before Lettuce's own handler of commands, which would keep what is under way. */
  static final NettyCustomizer ON_EACH_CHANNEL =
      new NettyCustomizer() {
        @Override
        public void afterChannelInitialized(Channel channel) {
          ChannelPipeline pipeline = channel.pipeline();
          ChannelHandlerContext commands =
              Objects.requireNonNull(
                  pipeline.context(CommandHandler.class), "Lettuce's handler of commands");
          pipeline.addBefore(
              commands.name(), null, new LostCommands((CommandHandler) commands.handler()));
        }
      };

  private final CommandHandler commands;

  private LostCommands(CommandHandler commands) {
    this.commands = commands;
  }

  /**
   * Lettuce's filter of what is sent again, which forgets what it leaves out. It may be called
   * under a lock of Lettuce's, so what is done with a failure must not wait for the connection.
   *
   * @param command null where Lettuce means several; it does not as of now
   */
  static boolean isNotSentAgain(@Nullable RedisCommand<?, ?, ?> command) {
    if (command != null) {
      fail(command, "The connection was lost before the command was sent");
    }
    return true;
  }

  /**
   * Who hears of it takes the connection for one that works, and forgets that it is being made
   * again. Lettuce says so, where a handshake's last commands fail, of a channel that has ended.
   */
  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    if (context.channel().isActive()) {
      super.channelActive(context);
      return;
    }
    RedisHandshakeHandler handshake = context.pipeline().get(RedisHandshakeHandler.class);
    if (handshake != null) { // else a first connection would count as made, and never be
      handshake
          .channelInitialized()
          .toCompletableFuture()
          .completeExceptionally(new RedisException("The connection was lost in its handshake"));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    try {
      for (RedisCommand<?, ?, ?> command : commands.drainQueue()) {
        fail(command, "The connection was lost before the answer");
      }
    } finally {
      super.channelInactive(context);
    }
  }

  private static void fail(RedisCommand<?, ?, ?> command, String why) {
    command.completeExceptionally(new RedisException(why));
  }
}
