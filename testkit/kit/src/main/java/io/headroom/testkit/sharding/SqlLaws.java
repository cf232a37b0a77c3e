package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.ShardMap;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import javax.sql.DataSource;

/** Law 8: golden vectors, and what PostgreSQL says. */
final class SqlLaws<K> {

  private final RouterSubject<K> subject;

  SqlLaws(RouterSubject<K> subject) {
    this.subject = subject;
  }

  void goldenVectors(Membership members) {
    RouterSubject.Vectors<K> vectors = RouterSubject.given(subject.vectors);
    ShardMap map = subject.mapOf(members.shards());
    ToIntFunction<K> slots = RouterSubject.given(subject.slots).apply(map);
    for (GoldenVector vector : GoldenVector.of(vectors.type())) {
      K key = vectors.key().apply(vector.value());
      int expected = (int) (vector.hash() & (map.slotCount() - 1));
      int actual = slots.applyAsInt(key);
      if (actual != expected) {
        throw Broken.law(
            ShardLaw.GOLDEN_VECTORS,
            subject,
            "%s has slot %d, its golden hash %d has slot %d of %d",
            Broken.key(key),
            actual,
            vector.hash(),
            expected,
            map.slotCount());
      }
    }
  }

  void sqlAgrees(Membership members, Collection<? extends K> keys, DataSource postgres)
      throws SQLException {
    RouterSubject.Sql<K> sql = RouterSubject.given(subject.sql);
    ShardMap map = subject.mapOf(members.shards());
    ToIntFunction<K> slots = RouterSubject.given(subject.slots).apply(map);
    try (Connection connection = postgres.getConnection();
        PreparedStatement query = connection.prepareStatement(query(sql, map))) {
      for (K key : keys) {
        for (int i = 0; i < sql.columns().size(); i++) {
          query.setObject(i + 1, sql.columns().get(i).value().apply(key));
        }
        requireSameSlot(key, slots.applyAsInt(key), query);
      }
    }
  }

  private static <K> String query(RouterSubject.Sql<K> sql, ShardMap map) {
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (RouterSubject.Column<K> column : sql.columns()) {
      String name = "k" + names.size();
      names.add(name);
      values.add("CAST(? AS " + column.type() + ") AS " + name);
    }
    return String.format(
        Locale.ROOT,
        "SELECT %s FROM (SELECT %s) AS keys",
        sql.slot().apply(map, names),
        String.join(", ", values));
  }

  private void requireSameSlot(K key, int slot, PreparedStatement query) throws SQLException {
    try (ResultSet row = query.executeQuery()) {
      row.next();
      long answer = row.getLong(1);
      if (row.wasNull() || answer != slot) {
        throw Broken.law(
            ShardLaw.SQL,
            subject,
            "%s has slot %d in Java and %s on PostgreSQL, by %s",
            Broken.key(key),
            slot,
            row.getObject(1),
            query);
      }
    }
  }
}
