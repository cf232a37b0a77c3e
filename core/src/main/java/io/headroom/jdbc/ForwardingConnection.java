package io.headroom.jdbc;

import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.NClob;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Struct;
import org.jspecify.annotations.NullUnmarked;

/**
 * The methods of a connection that need the physical one and do no more than ask it.
 *
 * <p>Nothing but forwarding, so that the behaviour stays readable elsewhere; that is why it may be
 * longer than a file should be. JDBC's interfaces say nothing about null, hence {@code
 * NullUnmarked}.
 */
@NullUnmarked
abstract class ForwardingConnection implements Connection {

  /** The physical connection, bound now if it was not before. */
  abstract Connection bound() throws SQLException;

  @Override
  public String nativeSQL(String sql) throws SQLException {
    return bound().nativeSQL(sql);
  }

  @Override
  public Clob createClob() throws SQLException {
    return bound().createClob();
  }

  @Override
  public Blob createBlob() throws SQLException {
    return bound().createBlob();
  }

  @Override
  public NClob createNClob() throws SQLException {
    return bound().createNClob();
  }

  @Override
  public SQLXML createSQLXML() throws SQLException {
    return bound().createSQLXML();
  }

  @Override
  public Array createArrayOf(String typeName, Object[] elements) throws SQLException {
    return bound().createArrayOf(typeName, elements);
  }

  @Override
  public Struct createStruct(String typeName, Object[] attributes) throws SQLException {
    return bound().createStruct(typeName, attributes);
  }
}
