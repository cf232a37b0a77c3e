package io.headroom.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What a physical connection's settings were that no pool takes back, before they were set through
 * a connection that leaves it while it is still open: whoever takes that connection next must not
 * find them. The application cannot put them back itself, as its connection is bound to another by
 * then. Of one thread at a time.
 */
final class FoundSettings implements ConnectionHooks {

  private final RememberedSettings found = new RememberedSettings();

  /** PostgreSQL's whole path, of which JDBC's schema is the first. */
  private @Nullable String searchPath;

  /** Looks at all that will be set, on a connection that has just been taken. */
  void lookAtAll(RememberedSettings toBeSet, Connection physical) throws SQLException {
    boolean autoCommit = physical.getAutoCommit();
    if (!autoCommit) {
      physical.setAutoCommit(true); // a question would begin a transaction
    }
    for (int setting = 1; setting <= RememberedSettings.OF_SESSION; setting <<= 1) {
      if ((setting & RememberedSettings.OF_SESSION) != 0 && toBeSet.has(setting)) {
        lookAt(setting, physical);
      }
    }
    if (!autoCommit) {
      physical.setAutoCommit(false);
    }
  }

  /** Looks at what will be set, the first time that it is. */
  void lookAt(int setting, Connection physical) throws SQLException {
    if (found.has(setting)) {
      return;
    }
    switch (setting) {
      case RememberedSettings.SCHEMA -> lookAtSchema(physical);
      case RememberedSettings.CATALOG -> found.catalog(physical.getCatalog());
      case RememberedSettings.HOLDABILITY -> found.holdability(physical.getHoldability());
      case RememberedSettings.TYPE_MAP -> found.typeMap(physical.getTypeMap());
      case RememberedSettings.CLIENT_INFO -> {
        Properties info = physical.getClientInfo();
        found.allClientInfo(info == null ? new Properties() : info);
      }
      default -> throw new IllegalArgumentException("no setting of the session: " + setting);
    }
  }

  /** The pool ends what is open, and with it would go what was set in it. */
  @Override
  public void beforeClose(Connection physical) throws SQLException {
    if (!found.isEmpty()) {
      physical.setAutoCommit(true);
      found.applyTo(physical);
      if (searchPath != null) {
        try (PreparedStatement set =
            physical.prepareStatement("SELECT set_config('search_path', ?, false)")) {
          set.setString(1, searchPath);
          set.execute();
        }
      }
    }
  }

  private void lookAtSchema(Connection physical) throws SQLException {
    found.schema(physical.getSchema());
    if (physical.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
      try (Statement statement = physical.createStatement();
          ResultSet row = statement.executeQuery("SHOW search_path")) {
        searchPath = row.next() ? row.getString(1) : null;
      }
    }
  }
}
