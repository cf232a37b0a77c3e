package com.example.tenants;

import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import java.util.Locale;

/** Where a document lives: with all others of its tenant, whose name has no case. */
public final class TenantRouter {

  private final ShardRouter<String> router;

  /**
   * Creates a router.
   *
   * @param map which shard owns which slot
   */
  public TenantRouter(ShardMap map) {
    this.router = ShardRouter.forStrings(map);
  }

  /**
   * Finds the shard of a document.
   *
   * @param document the document
   * @return the shard's id
   */
  public String shardIdOf(Document document) {
    // snippet: tenant-router
    return router.shardFor(nameOf(document)).id();
    // end snippet
  }

  /**
   * Finds the slot of a document.
   *
   * @param document the document
   * @return the slot, as {@link #slotSql} computes it on PostgreSQL
   */
  public int slotOf(Document document) {
    return router.slotFor(nameOf(document));
  }

  /**
   * Writes the slot in SQL.
   *
   * @param tenantColumn the column with the tenant's name
   * @return an integer expression
   */
  public String slotSql(String tenantColumn) {
    return router.slotSql("lower(" + tenantColumn + ")");
  }

  /**
   * What the router hashes, and what a pin names.
   *
   * @param document a document
   * @return its tenant's name in lower case
   */
  public static String nameOf(Document document) {
    return document.tenant().toLowerCase(Locale.ROOT);
  }
}
