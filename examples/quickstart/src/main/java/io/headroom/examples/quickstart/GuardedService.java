package io.headroom.examples.quickstart;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import io.headroom.guard.Admission;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.GuardListener;
import io.headroom.guard.PoolRefusedException;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * What an application writes to have its pool guarded: {@code protect} where it sets the pool up,
 * and {@code admit} at the door, before anything is done for a request. Thread-safe.
 */
final class GuardedService implements Service, AutoCloseable {

  static final String POOL = "orders";

  private final ConnectionGuard guard;
  private final DataSource orders;

  /**
   * Guards a pool, which stays its owner's to close.
   *
   * @param listener hears what the guard does
   */
  GuardedService(HikariDataSource pool, GuardListener listener) {
    this.guard = ConnectionGuard.builder().listener(listener).build();
    this.orders = guard.protect(POOL, pool);
  }

  @Override
  @SuppressWarnings("try") // the scope is opened for its effect
  public Answer serve(RequestContext request) throws SQLException {
    try (RequestContext.Scope scope = request.attach();
        Admission admission = guard.admit()) {
      if (!admission.allowed()) {
        return Answer.REFUSED_AT_THE_DOOR; // a 503 with Retry-After: admission.retryAfter()
      }
      return Service.work(orders);
    } catch (PoolRefusedException refused) {
      return Answer.REFUSED_AT_THE_POOL; // the same: refused.refusal().retryAfter()
    }
  }

  LoadLevel level() {
    return guard.levels().level(POOL);
  }

  @Override
  public void close() {
    guard.close();
  }
}
