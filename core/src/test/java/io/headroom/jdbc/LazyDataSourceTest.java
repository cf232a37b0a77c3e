package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class LazyDataSourceTest {

  private final StubDriver driver = new StubDriver();

  private final class Whole extends LazyDataSource {
    @Override
    public Binding bind(BindRequest request) throws SQLException {
      return driver.bind(request);
    }

    Connection openElsewhere() {
      return open(request -> driver.bind(request));
    }
  }

  private final class View extends LazyDataSource {
    View(Whole whole) {
      super(whole);
    }

    @Override
    public Binding bind(BindRequest request) throws SQLException {
      return driver.bind(request);
    }
  }

  private final Whole dataSource = new Whole();

  @Test
  void itsConnectionsAreBoundByIt() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      assertThat(driver.taken()).isZero();
      connection.createStatement();
    }
    assertThat(driver.closes).containsExactly(1);
  }

  @Test
  void whatBelongsToThePoolsIsSaidSo() throws SQLException {
    assertThatThrownBy(() -> dataSource.getConnection("alice", "secret"))
        .isInstanceOf(SQLFeatureNotSupportedException.class)
        .hasMessageContaining("Whole@")
        .hasMessageContaining("alice")
        .hasMessageContaining("call getConnection()")
        .hasMessageNotContaining("secret");
    dataSource.setLoginTimeout(0);
    assertThatThrownBy(() -> dataSource.setLoginTimeout(3)).hasMessageContaining("3 s");
    assertThat(dataSource.getLoginTimeout()).isZero();
    dataSource.setLogWriter(new PrintWriter(new StringWriter()));
    assertThat(dataSource.getLogWriter()).isNull();
    assertThatThrownBy(dataSource::getParentLogger).hasMessageContaining("SLF4J");
  }

  @Test
  void unwrapKnowsOnlyItself() throws SQLException {
    assertThat(dataSource.unwrap(ConnectionSource.class)).isSameAs(dataSource);
    assertThat(dataSource.isWrapperFor(DataSource.class)).isTrue();
    assertThat(dataSource.isWrapperFor(Runnable.class)).isFalse();
    assertThatThrownBy(() -> dataSource.unwrap(Runnable.class))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("java.lang.Runnable");
  }

  @Test
  void aSourceOfOursIsTakenAsItIs() throws SQLException {
    assertThat(ConnectionSource.of(dataSource)).isSameAs(dataSource);
  }

  @Test
  void anyOtherDataSourceIsAskedForItsConnections() throws SQLException {
    DataSource pool =
        StubDriver.stub(DataSource.class, (proxy, method, arguments) -> driver.connect());
    ConnectionSource source = ConnectionSource.of(pool);
    assertThat(source.toString()).isEqualTo("ConnectionSource[stub DataSource]");
    Binding binding = source.bind(BindRequest.of(false, true));
    assertThat(binding.connection()).isInstanceOf(StubDriver.Stub.class);
    assertThat(binding.hooks()).isSameAs(ConnectionHooks.none());
    try (LazyConnection connection = LazyConnection.open(source)) {
      assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("Stub");
    }
    int taken = driver.taken();
    try (LazyConnection connection = LazyConnection.open(source)) {
      assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("Stub");
    }
    assertThat(driver.taken()).as("learned once per source").isEqualTo(taken);
  }

  @Test
  void proxiesDoNotStackThroughADecoratorOfADataSource() throws SQLException {
    DataSource decorated =
        StubDriver.stub(DataSource.class, (proxy, method, arguments) -> dataSource.getConnection());
    Binding binding = ConnectionSource.of(decorated).bind(BindRequest.of(true, true));
    assertThat(binding.connection()).isInstanceOf(StubDriver.Stub.class);
    assertThat(driver.requests.get(0).readOnly()).isTrue();

    DataSource declaring =
        StubDriver.stub(
            DataSource.class,
            (proxy, method, arguments) -> {
              Connection connection = dataSource.getConnection();
              connection.setSchema("shop");
              return connection;
            });
    assertThat(ConnectionSource.of(declaring).bind(BindRequest.of(true, true)).connection())
        .as("what the decorator has set is not lost")
        .isInstanceOf(LazyConnection.class);
  }

  @Test
  void constantsOfTheDatabaseAreLearnedOnceAndBindNothing() throws SQLException {
    Connection connection = dataSource.getConnection();
    DatabaseMetaData metaData = connection.getMetaData();
    assertThat(metaData.getDatabaseProductName()).isEqualTo("Stub");
    assertThat(metaData.supportsResultSetType(1003)).isFalse();
    assertThat(driver.closes).containsExactly(1, 1);
    assertThat(driver.requests).allMatch(BindRequest::forMetadata).allMatch(BindRequest::readOnly);
    assertThat(metaData.getDatabaseProductName()).isEqualTo("Stub");
    assertThat(metaData.supportsResultSetType(1003)).isFalse();
    assertThat(new View(dataSource).getConnection().getMetaData().getDatabaseProductName())
        .isEqualTo("Stub");
    assertThat(dataSource.openElsewhere().getMetaData().getDatabaseProductName()).isEqualTo("Stub");
    assertThat(driver.taken()).isEqualTo(2);
    assertThat(metaData.getUserName()).isNull();
    assertThat(driver.closes).containsExactly(1, 1, 1);
  }

  @Test
  void metaDataThatReturnRowsBind() throws SQLException {
    DatabaseMetaData metaData = dataSource.getConnection().getMetaData();
    assertThat(metaData.getTables(null, null, null, null).next()).isTrue();
    assertThat(driver.closes).containsExactly(0);
    assertThat(driver.requests.get(0).forMetadata()).isFalse();
    driver.fresh.clear();
    assertThat(metaData.getDatabaseProductName()).isEqualTo("Stub");
    assertThat(driver.closes).as("asks the connection it has").containsExactly(0);
  }

  @Test
  void metaDataHaveOneIdentity() throws SQLException {
    Connection connection = dataSource.getConnection();
    DatabaseMetaData metaData = connection.getMetaData();
    assertThat(metaData.equals(metaData)).isTrue();
    assertThat(metaData.hashCode()).isEqualTo(System.identityHashCode(metaData));
    assertThat(metaData.toString()).startsWith("DatabaseMetaData of LazyConnection[unbound");
    assertThat(metaData.unwrap(DatabaseMetaData.class)).isSameAs(metaData);
    assertThat(metaData.isWrapperFor(DatabaseMetaData.class)).isTrue();
    assertThat(driver.taken()).isZero();
    assertThat(metaData.isWrapperFor(StubDriver.Stub.class)).isTrue();
    assertThat(metaData.isWrapperFor(StubDriver.Stub.class)).isTrue();
    assertThat(driver.closes).as("learned once, from a connection given back").containsExactly(1);
    assertThat(metaData.unwrap(StubDriver.Stub.class)).isNotSameAs(metaData);
    assertThat(metaData.isWrapperFor(StubDriver.Stub.class)).isTrue();
    assertThat(metaData.isWrapperFor(Runnable.class)).isFalse();
    assertThat(driver.closes).containsExactly(1, 0);
    assertThatThrownBy(() -> metaData.unwrap(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> metaData.isWrapperFor(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void metaDataThatFailLeakNothing() throws SQLException {
    DatabaseMetaData metaData = dataSource.getConnection().getMetaData();
    driver.fail("DatabaseMetaData.get", new SQLException("no"));
    assertThatThrownBy(metaData::getDatabaseProductName).hasMessage("no");
    assertThatThrownBy(metaData::getCatalogs).hasMessage("no");
    driver.hooks =
        new ConnectionHooks() {
          @Override
          public void onBound(Connection physical) throws SQLException {
            throw new SQLException("refused");
          }
        };
    DatabaseMetaData refused = dataSource.getConnection().getMetaData();
    assertThatThrownBy(refused::getDatabaseProductName).hasMessage("refused");
    assertThat(driver.closes).containsExactly(1, 0, 1);
  }
}
