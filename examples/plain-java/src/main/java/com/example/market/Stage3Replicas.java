package com.example.market;

import com.example.market.Request.Kind;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.TokenSigner;
import io.headroom.guard.Admission;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.PoolRefusedException;
import io.headroom.routing.NoFreshReplicaException;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.routing.ReplicaDataSourceBuilder;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The market on a primary and its replicas, whose pools are guarded. */
public final class Stage3Replicas implements Market {

  private final ConnectionGuard guard = ConnectionGuard.create();
  private final List<HikariDataSource> pools = new ArrayList<>();
  private final ReplicaDataSource database;
  private final TokenSigner signer;

  /**
   * Opens pools.
   *
   * @param urls of the servers, the primary's first
   * @param signer signs what clients have seen
   */
  public Stage3Replicas(List<String> urls, TokenSigner signer) {
    this.signer = signer;
    database = cluster("market", urls);
  }

  private ReplicaDataSource cluster(String name, List<String> urls) {
    ReplicaDataSourceBuilder builder =
        ReplicaDataSource.builder(name)
            .primary(name, guarded(name, urls.get(0)))
            .loadSignal(guard.levels());
    for (int i = 1; i < urls.size(); i++) {
      String replica = "replica-" + i;
      builder.replica(replica, guarded(name + "/" + replica, urls.get(i)));
    }
    return builder.build();
  }

  private DataSource guarded(String name, String url) {
    // 300 ms of the second: if this server is dead, another is asked
    HikariDataSource pool = Pools.open(name, url, Duration.ofMillis(300));
    pools.add(pool);
    return guard.protect(name, pool);
  }

  @Override
  @SuppressWarnings("try") // the scope is opened for its effect
  public Answer answer(Request request) throws SQLException {
    RequestContext context =
        RequestContext.builder()
            .criticality(request.kind() == Kind.ORDER ? Criticality.CRITICAL : Criticality.STANDARD)
            .cohortOf(request.user())
            .timeout(Duration.ofSeconds(1))
            .build();
    context.observe(signer.openOrNone(request.seen()));
    try (RequestContext.Scope scope = context.attach();
        Admission admission = guard.admit()) {
      if (!admission.allowed()) {
        return Answer.unavailable(admission.retryAfter());
      }
      Answer answer = Answer.of(serve(request));
      return request.kind() == Kind.ORDER ? answer.seen(signer.seal(context.token())) : answer;
    } catch (PoolRefusedException refused) {
      return Answer.unavailable(refused.refusal().retryAfter());
    } catch (NoFreshReplicaException refused) {
      return Answer.unavailable(refused.retryAfter());
    }
  }

  private @Nullable Object serve(Request request) throws SQLException {
    return switch (request.kind()) {
      case PAGE -> page(request.stall());
      case ORDER -> order(request.stall(), request.user());
      case ORDERS -> orders(request.stall());
      case NEWEST -> newest();
    };
  }

  private @Nullable Page page(long stall) throws SQLException {
    return database
        .read(connection -> Optional.ofNullable(Sql.page(connection, stall)))
        .orElse(null);
  }

  private @Nullable Long order(long stall, String buyer) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      Long order = Sql.order(connection, stall, buyer);
      connection.commit();
      return order;
    }
  }

  private List<Order> orders(long stall) throws SQLException {
    return database.read(connection -> Sql.orders(connection, stall));
  }

  private List<Order> newest() throws SQLException {
    return database.read(Sql::newest);
  }

  @Override
  public void close() {
    database.close();
    guard.close();
    pools.forEach(HikariDataSource::close);
  }
}
