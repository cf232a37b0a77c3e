package io.headroom.testkit.servers;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The settings of a server, which are brought back to those of its start, whoever changed them.
 *
 * <p>Thread-safe.
 */
final class RedisSettings {

  /** Those of the role, which is another matter. */
  private static final Set<String> ROLE = Set.of("replicaof", "slaveof");

  private final RedisServer server;
  private volatile Map<String, String> atStart = Map.of();

  RedisSettings(RedisServer server) {
    this.server = server;
  }

  void set(String setting, String value) {
    server.command("CONFIG", "SET", setting, value);
    server.command("CONFIG", "REWRITE");
  }

  /** Takes what there is now for that of the start. */
  void remember() {
    atStart = current();
  }

  /** Sets what is no longer as at the start. */
  void restore() {
    Map<String, String> now = current();
    boolean[] changed = new boolean[1];
    atStart.forEach(
        (setting, value) -> {
          if (!value.equals(now.get(setting))) {
            server.command("CONFIG", "SET", setting, value);
            changed[0] = true;
          }
        });
    if (changed[0]) {
      server.command("CONFIG", "REWRITE");
    }
  }

  private Map<String, String> current() {
    if (server.mode() == RedisProgram.Mode.SENTINEL) {
      return Map.of(); // It knows no CONFIG.
    }
    List<RedisReply> namesAndValues = server.command("CONFIG", "GET", "*").elements();
    Map<String, String> settings = new HashMap<>();
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      settings.put(namesAndValues.get(i).text(), namesAndValues.get(i + 1).text());
    }
    settings.keySet().removeAll(ROLE);
    return Map.copyOf(settings);
  }

  @Override
  public String toString() {
    return "RedisSettings[" + server.name() + "]";
  }
}
