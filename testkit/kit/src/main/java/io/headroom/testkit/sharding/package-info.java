/**
 * The laws of shard routing as a contract that any router can be held to: ours, a wrapper of ours,
 * or one that knows nothing of Headroom.
 *
 * <p>The entry type is {@link io.headroom.testkit.sharding.ShardRouterContract}; most users extend
 * {@link io.headroom.testkit.sharding.ShardRouterTests} (JUnit Jupiter) or {@link
 * io.headroom.testkit.sharding.ShardRouterProperties} (jqwik) and say what their router is:
 *
 * <pre>{@code
 * class TenantRouterTest extends ShardRouterTests<Document> {
 *   @Override
 *   public RouterSubject<Document> subject() {
 *     return RouterSubject.<Document>overMaps("tenants", map -> new TenantRouter(map)::shardIdOf)
 *         .keys(SampleKeys.packageNames().map(tenant -> new Document(tenant, 1)))
 *         .build();
 *   }
 * }
 * }</pre>
 */
@NullMarked
package io.headroom.testkit.sharding;

import org.jspecify.annotations.NullMarked;
