package io.headroom.examples.quickstart.service;

/**
 * Where a PostgreSQL server is, as a process is told that is to use it.
 *
 * @param shard the shard that it belongs to
 * @param name the server's name
 * @param url its JDBC URL
 */
public record Node(String shard, String name, String url) {

  /** Reads what {@link #toString} wrote. */
  public static Node parse(String text) {
    String[] parts = text.split(" ", 3);
    return new Node(parts[0], parts[1], parts[2]);
  }

  @Override
  public String toString() {
    return shard + " " + name + " " + url;
  }
}
