package io.headroom.testkit.sharding;

import io.headroom.testkit.servers.PostgresExtension;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.RegisterExtension;

class HashedUuidsTest extends ShardRouterTests<UUID> {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  @Override
  public RouterSubject<UUID> subject() {
    return OurRouters.hashedUuids();
  }

  @Override
  protected DataSource postgres() {
    return postgres.dataSource(0);
  }
}
