package io.headroom.benchmarks.stub;

import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A real database at first, the stub from {@link #becomeStub} on: for ShardingSphere, which reads
 * its tables from the database when it starts, and only then. It takes URL and user from a pool's
 * bean properties and insists on having them.
 */
public final class LateStub extends DelegatingDataSource {
  private String url;
  private String username = "postgres";
  private String password = "";

  /**
   * Begins as the real database.
   *
   * @param real the database
   * @param url its JDBC URL
   */
  public LateStub(DataSource real, String url) {
    super(real);
    this.url = url;
  }

  /** From now on the stub answers. */
  public void becomeStub() {
    setTargetDataSource(new StubDataSource());
  }

  /**
   * The real database's URL.
   *
   * @return JDBC URL
   */
  public String getUrl() {
    return url;
  }

  /**
   * Sets the URL, as pools can; nothing comes of it.
   *
   * @param url JDBC URL
   */
  public void setUrl(String url) {
    this.url = url;
  }

  /**
   * The user.
   *
   * @return name
   */
  public String getUsername() {
    return username;
  }

  /**
   * Sets the user, as pools can; nothing comes of it.
   *
   * @param username name
   */
  public void setUsername(String username) {
    this.username = username;
  }

  /**
   * The password.
   *
   * @return empty
   */
  public String getPassword() {
    return password;
  }

  /**
   * Sets the password, as pools can; nothing comes of it.
   *
   * @param password password
   */
  public void setPassword(String password) {
    this.password = password;
  }
}
