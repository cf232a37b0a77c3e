package io.headroom.testkit.sharding;

import io.headroom.testkit.servers.PostgresExtension;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.RegisterExtension;

class TextRangesTest extends ShardRouterTests<String> {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  @Override
  public RouterSubject<String> subject() {
    return OurRouters.textRanges();
  }

  @Override
  protected DataSource postgres() {
    return postgres.dataSource(0);
  }
}
