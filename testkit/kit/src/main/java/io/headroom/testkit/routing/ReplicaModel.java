package io.headroom.testkit.routing;

import io.headroom.ConsistencyToken.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A primary and its replicas in memory, for property tests of whatever chooses among them: every
 * replica applies the log on its own, can be cut off, and can be promoted, which loses what it had
 * not applied.
 *
 * <pre>{@code
 * ReplicaModel model = ReplicaModel.of(2);       // server 0 is the primary
 * Position seen = model.write("cart", 7);
 * model.apply(1, 1);                             // replica 1 applies one commit
 * assert model.has(1, seen) && !model.has(2, seen);
 * assert model.read(2, "cart") == 0;             // a stale read
 * model.promote(2);                              // version 7 is lost
 * assert !model.has(model.primary(), seen);
 * }</pre>
 *
 * <p>Positions are those of a {@link io.headroom.ConsistencyToken}: a timeline, which grows with
 * every promotion, and a place in its log. As in PostgreSQL a commit takes up some bytes, and may
 * end just at the end of a page; the timelines share their places up to where one left the other.
 *
 * <p>Not thread-safe.
 */
public final class ReplicaModel {

  private static final long PAGE = 8192;

  private final List<List<Commit>> logs = new ArrayList<>();
  private final boolean[] cutOff;
  private int primary;
  private long timeline = 1;

  /** What was stored, and where the log ended after it. */
  private record Commit(String key, long version, Position end) {}

  private ReplicaModel(int replicas) {
    cutOff = new boolean[replicas + 1];
    for (int server = 0; server <= replicas; server++) {
      logs.add(new ArrayList<>());
    }
  }

  /**
   * Creates an empty primary, which is server 0, and its replicas, servers 1 and up.
   *
   * @param replicas how many, at least 0
   * @return a new model on timeline 1
   * @throws IllegalArgumentException if the number is negative
   */
  public static ReplicaModel of(int replicas) {
    if (replicas < 0) {
      throw new IllegalArgumentException("replicas must be 0 or more, was " + replicas);
    }
    return new ReplicaModel(replicas);
  }

  /**
   * Counts the servers.
   *
   * @return primary and replicas together
   */
  public int servers() {
    return logs.size();
  }

  /**
   * Tells who takes writes.
   *
   * @return the primary's number
   */
  public int primary() {
    return primary;
  }

  /**
   * Commits on the primary; replicas hear of it when they apply.
   *
   * @param key what is stored
   * @param version the version that replaces the one before
   * @return what a token of this write says
   */
  public Position write(String key, long version) {
    return commit(key, version, end(primary).position() + 40);
  }

  /**
   * As {@link #write}, but the commit's record ends just at the end of a page of the log.
   *
   * @param key what is stored
   * @param version the version that replaces the one before
   * @return what a token of this write says
   */
  public Position writeToPageEnd(String key, long version) {
    return commit(key, version, (end(primary).position() / PAGE + 1) * PAGE);
  }

  /**
   * A replica applies what it has not yet. It does nothing on the primary, and while it is cut off.
   * One that had applied what the primary never did is copied anew first.
   *
   * @param server the replica
   * @param commits how many commits at most
   */
  public void apply(int server, int commits) {
    List<Commit> log = logs.get(server);
    List<Commit> source = logs.get(primary);
    if (server == primary || cutOff[server]) {
      return;
    }
    if (!isPrefix(log, source)) {
      log.clear();
    }
    int more = Math.min(commits, source.size() - log.size());
    log.addAll(List.copyOf(source.subList(log.size(), log.size() + Math.max(0, more))));
  }

  /**
   * Cuts a server off from the others: it applies nothing, but its clients still reach it.
   *
   * @param server the server
   */
  public void cutOff(int server) {
    cutOff[server] = true;
  }

  /**
   * Ends that.
   *
   * @param server the server
   */
  public void heal(int server) {
    cutOff[server] = false;
  }

  /**
   * Makes a replica the primary, on a timeline of its own. The others follow it, its predecessor
   * included; what it had not applied is lost.
   *
   * @param server the replica; nothing happens if it is the primary
   */
  public void promote(int server) {
    if (server != primary) {
      primary = server;
      timeline++;
    }
  }

  /**
   * Reads on a server, however stale it is.
   *
   * @param server the server
   * @param key what is read
   * @return its version there, 0 if it has none
   */
  public long read(int server, String key) {
    return contents(server).getOrDefault(key, 0L);
  }

  /**
   * Lists what a server holds.
   *
   * @param server the server
   * @return the version of each key, a copy
   */
  public Map<String, Long> contents(int server) {
    Map<String, Long> contents = new HashMap<>();
    logs.get(server).forEach(commit -> contents.put(commit.key(), commit.version()));
    return contents;
  }

  /**
   * Tells how far a server is: what a probe of it would find.
   *
   * @param server the server
   * @return the timeline that its last commit is of, or the primary's own, and where the log ends
   */
  public Position position(int server) {
    return server == primary ? new Position(timeline, end(server).position()) : end(server);
  }

  /**
   * Tells whether a server has what was written up to a position: the truth, which a router can
   * only conclude from what it probed.
   *
   * @param server the server
   * @param written a position that a write returned
   * @return false if it lags, or has gone another way
   */
  public boolean has(int server, Position written) {
    return logs.get(server).stream().anyMatch(commit -> commit.end().equals(written));
  }

  private Position commit(String key, long version, long end) {
    Position position = new Position(timeline, end);
    logs.get(primary).add(new Commit(key, version, position));
    return position;
  }

  private Position end(int server) {
    List<Commit> log = logs.get(server);
    return log.isEmpty() ? new Position(1, 0) : log.get(log.size() - 1).end();
  }

  private static boolean isPrefix(List<Commit> log, List<Commit> source) {
    return log.size() <= source.size() && source.subList(0, log.size()).equals(log);
  }

  @Override
  public String toString() {
    StringBuilder servers = new StringBuilder("ReplicaModel[");
    for (int server = 0; server < logs.size(); server++) {
      servers.append(server == 0 ? "" : ", ").append(server);
      servers.append(server == primary ? " (primary)" : cutOff[server] ? " (cut off)" : "");
      servers.append(" at ").append(position(server).incarnation());
      servers.append("/").append(position(server).position());
    }
    return servers.append("]").toString();
  }
}
