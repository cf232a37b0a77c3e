package io.headroom.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class RedisCallExceptionTest {

  @Test
  void whatFuturesWrapIsUnwrapped() {
    IllegalStateException cause = new IllegalStateException("on purpose");
    RedisCallException once = RedisCallException.of(new CompletionException(cause));

    assertThat(once).hasCause(cause).hasMessageContaining("on purpose");
    assertThat(RedisCallException.of(new CompletionException(once))).isSameAs(once);
    assertThat(RedisCallException.of(RedisCallException.AWAY)).isSameAs(RedisCallException.AWAY);
    assertThat(RedisCallException.of(null)).hasMessage("Redis failed: null").hasNoCause();
  }

  /** There may be millions of them. */
  @Test
  void noneHasAStackTrace() {
    assertThat(RedisCallException.of(new IllegalStateException()).getStackTrace()).isEmpty();
    assertThat(Link.failure(RedisCallException.away())).isSameAs(RedisCallException.AWAY);
  }
}
