package com.example.tenants;

import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.sharding.RouterSubject;
import io.headroom.testkit.sharding.ShardRouterTests;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All laws as JUnit tests, and the slots compared with those that PostgreSQL computes. */
class TenantRouterOnPostgresTest extends ShardRouterTests<Document> {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  @Override
  public RouterSubject<Document> subject() {
    return Tenants.subject();
  }

  @Override
  protected DataSource postgres() {
    return postgres.dataSource(0);
  }
}
