package io.headroom.testkit.sharding;

import io.headroom.testkit.servers.PostgresExtension;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.RegisterExtension;

class SlotInIdTest extends ShardRouterTests<Long> {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  @Override
  public RouterSubject<Long> subject() {
    return OurRouters.slotInId();
  }

  @Override
  protected DataSource postgres() {
    return postgres.dataSource(0);
  }
}
