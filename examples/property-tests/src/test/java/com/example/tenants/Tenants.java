package com.example.tenants;

import io.headroom.testkit.sharding.RouterSubject;
import io.headroom.testkit.sharding.SampleKeys;
import java.util.List;
import java.util.Locale;

/** The same router with everything that it can do, which brings all the other laws. */
final class Tenants {

  private Tenants() {}

  // snippet: tenant-subject
  static RouterSubject<Document> subject() {
    return RouterSubject.<Document>overMaps("tenants", map -> new TenantRouter(map)::shardIdOf)
        .keys(documents())
        .slots(map -> new TenantRouter(map)::slotOf)
        .equalForms(Tenants::otherSpellings, map -> spelling -> shardIdOf(map, spelling))
        .pinnedBy(TenantRouter::nameOf)
        .colocated(document -> new Document(document.tenant(), document.number() + 1))
        .column("text", Document::tenant)
        .slotSql((map, columns) -> new TenantRouter(map).slotSql(columns.get(0)))
        .goldenValue("def1e896e6433281")
        .build();
  }

  // end snippet

  /** Names of organisations, in the capitals that customers like to type them in. */
  private static SampleKeys<Document> documents() {
    return SampleKeys.packageNames()
        .map(name -> new Document(name.toUpperCase(Locale.ROOT), name.length()))
        .withEdgeCases(List.of(new Document("INITECH", 0), new Document("initech", 1)));
  }

  private static List<Document> otherSpellings(Document document) {
    return List.of(
        new Document(document.tenant().toLowerCase(Locale.ROOT), document.number()),
        new Document(document.tenant().toUpperCase(Locale.ROOT), document.number()));
  }

  private static String shardIdOf(io.headroom.sharding.ShardMap map, Object spelling) {
    return new TenantRouter(map).shardIdOf((Document) spelling);
  }
}
