package io.headroom.testkit.sharding;

import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.sharding.OurRouters.RegionalUser;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.RegisterExtension;

class RegionFirstTest extends ShardRouterTests<RegionalUser> {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  @Override
  public RouterSubject<RegionalUser> subject() {
    return OurRouters.regionFirst();
  }

  @Override
  protected DataSource postgres() {
    return postgres.dataSource(0);
  }
}
