package io.headroom.benchmarks.stub;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Statement;
import java.sql.Types;

/** One row with one bigint. */
abstract class StubResultSet implements ResultSet {
  private final StubStatement statement;
  private final ResultSetMetaData metaData = Completed.create(OneBigint.class, new Class<?>[0]);
  private long value;
  private boolean beforeRow;

  StubResultSet(StubStatement statement) {
    this.statement = statement;
  }

  StubResultSet holding(long newValue) {
    value = newValue;
    beforeRow = true;
    return this;
  }

  @Override
  public boolean next() {
    boolean hasRow = beforeRow;
    beforeRow = false;
    return hasRow;
  }

  @Override
  public long getLong(int column) {
    return value;
  }

  @Override
  public Object getObject(int column) {
    return value;
  }

  @Override
  public boolean wasNull() {
    return false;
  }

  @Override
  public Statement getStatement() {
    return statement;
  }

  @Override
  public ResultSetMetaData getMetaData() {
    return metaData;
  }

  @Override
  public int getType() {
    return TYPE_FORWARD_ONLY;
  }

  @Override
  public void close() {}

  /** The column's description, which ShardingSphere asks for. */
  abstract static class OneBigint implements ResultSetMetaData {
    @Override
    public int getColumnCount() {
      return 1;
    }

    @Override
    public String getColumnLabel(int column) {
      return "balance";
    }

    @Override
    public String getColumnName(int column) {
      return "balance";
    }

    @Override
    public int getColumnType(int column) {
      return Types.BIGINT;
    }
  }
}
