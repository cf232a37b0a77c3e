package com.example.bookshop;

import io.headroom.testkit.servers.PostgresServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which server was sent which statement of the application's, as the servers themselves have logged
 * it ({@code log_statement = all}) before they ran it.
 */
final class StatementLog {

  private static final Pattern SENT = Pattern.compile("(?:execute \\S+|statement): (.*)");
  private static final Pattern OF_THE_SHOP =
      Pattern.compile(
          "^(\\w+).*?\\b(?:from|into|update|nextval\\('|table if not exists) ?(author|book)\\b",
          Pattern.CASE_INSENSITIVE);

  private final List<PostgresServer> servers;
  private final Map<String, Integer> read = new HashMap<>();

  StatementLog(List<PostgresServer> servers) {
    this.servers = List.copyOf(servers);
    forget();
  }

  /** Leaves out what was sent until now. */
  void forget() {
    servers.forEach(server -> read.put(server.name(), server.log().length()));
  }

  /** What was sent since, by server; a server without any is left out. */
  Map<String, List<String>> sent() {
    Map<String, List<String>> sent = new TreeMap<>();
    for (PostgresServer server : servers) {
      List<String> statements = new ArrayList<>();
      String log = server.log();
      log.substring(read.get(server.name()))
          .lines()
          .forEach(line -> statement(line).ifPresent(statements::add));
      read.put(server.name(), log.length());
      if (!statements.isEmpty()) {
        sent.put(server.name(), statements);
      }
    }
    return sent;
  }

  /** Like {@code select author}; empty for what is none of the application's tables. */
  private static Optional<String> statement(String line) {
    Matcher sent = SENT.matcher(line);
    if (!sent.find()) {
      return Optional.empty();
    }
    Matcher ours = OF_THE_SHOP.matcher(sent.group(1));
    return ours.find()
        ? Optional.of((ours.group(1) + " " + ours.group(2)).toLowerCase(Locale.ROOT))
        : Optional.empty();
  }
}
