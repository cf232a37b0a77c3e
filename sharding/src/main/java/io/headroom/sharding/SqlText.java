package io.headroom.sharding;

import io.headroom.KeyType;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Literals, types and columns of SQL that is made here, valid whatever the session's settings are.
 */
final class SqlText {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_$.]*");

  private SqlText() {}

  /** The one column, fit to stand beside an operator. */
  static String column(List<String> columns, Object strategy) {
    return columns(1, columns, strategy).get(0);
  }

  static List<String> columns(int expected, List<String> columns, Object strategy) {
    if (columns.size() != expected) {
      throw new IllegalArgumentException(
          strategy + " takes " + expected + " column(s) in SQL, was given " + columns);
    }
    List<String> operands = new ArrayList<>();
    for (String column : columns) {
      if (column.isBlank()) {
        throw new IllegalArgumentException("a column must not be blank; given " + columns);
      }
      operands.add(operand(column));
    }
    return operands;
  }

  static String operand(String column) {
    return PLAIN.matcher(column).matches() ? column : "(" + column + ")";
  }

  static String text(String value) {
    String quoted = value.replace("'", "''");
    // E'' means the same whether standard_conforming_strings is on or off
    return quoted.indexOf('\\') < 0
        ? "'" + quoted + "'"
        : "E'" + quoted.replace("\\", "\\\\") + "'";
  }

  /** A literal of a key, of the type that the column has. */
  static String literal(KeyType type, Object key) {
    return switch (type) {
      case INTEGER -> Long.toString(((Number) key).longValue());
      case TEXT -> text((String) key);
      case UUID -> "'" + key + "'::uuid";
      case BYTES -> "decode('" + HexFormat.of().formatHex((byte[]) key) + "', 'hex')";
    };
  }

  /** PostgreSQL's name of the type that the column has. */
  static String typeName(KeyType type) {
    return switch (type) {
      case INTEGER -> "int8";
      case TEXT -> "text";
      case UUID -> "uuid";
      case BYTES -> "bytea";
    };
  }

  /** Whether PostgreSQL can store this text at all: it has no NUL characters. */
  static boolean storable(Object key) {
    return !(key instanceof String text) || text.indexOf('\0') < 0;
  }
}
