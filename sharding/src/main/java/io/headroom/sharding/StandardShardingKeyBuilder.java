package io.headroom.sharding;

import java.sql.JDBCType;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.ShardingKey;
import java.sql.ShardingKeyBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** JDBC's builder of sharding keys. Not thread-safe. */
final class StandardShardingKeyBuilder implements ShardingKeyBuilder {

  private static final Set<JDBCType> INTEGERS =
      Set.of(JDBCType.BIGINT, JDBCType.INTEGER, JDBCType.SMALLINT, JDBCType.TINYINT);
  private static final Set<JDBCType> TEXTS =
      Set.of(
          JDBCType.VARCHAR,
          JDBCType.CHAR,
          JDBCType.LONGVARCHAR,
          JDBCType.NVARCHAR,
          JDBCType.NCHAR,
          JDBCType.LONGNVARCHAR);
  private static final Set<JDBCType> BYTES =
      Set.of(JDBCType.BINARY, JDBCType.VARBINARY, JDBCType.LONGVARBINARY);

  private final List<Object> subkeys = new ArrayList<>();
  private @Nullable String fault;

  @Override
  public ShardingKeyBuilder subkey(Object subkey, SQLType type) {
    if (fault == null) {
      fault = faultOf(subkey, type);
    }
    if (fault == null) {
      subkeys.add(PinKeys.normalized(subkey)); // one form for each logical key; bytes are copied
    }
    return this;
  }

  /** The method of the standard throws nothing, so a fault waits for build(). */
  private @Nullable String faultOf(@Nullable Object subkey, @Nullable SQLType type) {
    String which = "subkey " + (subkeys.size() + 1);
    if (subkey == null) {
      return which + " must not be null";
    }
    boolean fits;
    if (KeyReader.isInteger(subkey)) {
      fits = type instanceof JDBCType integer && INTEGERS.contains(integer);
    } else if (subkey instanceof String) {
      fits = type instanceof JDBCType text && TEXTS.contains(text);
    } else if (subkey instanceof byte[]) {
      fits = type instanceof JDBCType binary && BYTES.contains(binary);
    } else {
      fits =
          subkey instanceof UUID
              && type != null
              && !(type instanceof JDBCType standard
                  && (INTEGERS.contains(standard) || BYTES.contains(standard)));
    }
    return fits
        ? null
        : which
            + " is a "
            + subkey.getClass().getTypeName()
            + " of SQL type "
            + type
            + ": give a Long, Integer, Short or Byte as BIGINT, a String as VARCHAR, a byte[] as"
            + " VARBINARY, or a java.util.UUID as OTHER";
  }

  @Override
  public ShardingKey build() throws SQLException {
    if (fault != null) {
      throw new SQLDataException(fault, "22023");
    }
    if (subkeys.isEmpty()) {
      throw new SQLDataException(
          "a sharding key needs a subkey: call subkey(key, JDBCType.BIGINT), say", "22023");
    }
    return new StandardShardingKey(List.copyOf(subkeys));
  }
}
