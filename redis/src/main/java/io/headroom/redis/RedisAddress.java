package io.headroom.redis;

import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** Where a Redis is, as an application says it. Immutable and thread-safe. */
public final class RedisAddress {

  /** A password may have any of the signs in it that end it. */
  private static final Pattern PASSWORD = Pattern.compile("//.*@", Pattern.DOTALL);

  /** Behind a URI; they may have an @ in them, and passwords a question mark. */
  private static final Pattern OPTIONS = Pattern.compile("\\?\\w+=[^&]*(&\\w+=[^&]*)*(#.*)?$");

  private final List<RedisURI> uris;

  private RedisAddress(List<RedisURI> uris) {
    this.uris = List.copyOf(uris);
  }

  /**
   * Reads URIs.
   *
   * @param uris of a server or sentinels; of a cluster, some of its nodes
   * @return the address
   * @throws IllegalArgumentException if there is none, or one is no URI of a Redis
   */
  public static RedisAddress of(String... uris) {
    if (uris.length == 0) {
      throw new IllegalArgumentException("uris must not be empty: give redis://host:port");
    }
    List<RedisURI> parsed = new ArrayList<>();
    for (String uri : uris) {
      parsed.add(parsed(Objects.requireNonNull(uri, "uri must not be null")));
    }
    return new RedisAddress(parsed);
  }

  private static RedisURI parsed(String uri) {
    RedisURI parsed;
    try {
      parsed = RedisURI.create(uri);
    } catch (RuntimeException wrong) {
      throw refusal(uri, String.valueOf(wrong.getMessage()));
    }
    for (String host : hosts(parsed)) {
      if (isMisread(uri, host)) {
        throw refusal(uri, "'" + host + "' is no host");
      }
    }
    return parsed;
  }

  private static List<String> hosts(RedisURI uri) {
    if (uri.getSocket() != null) {
      return List.of();
    }
    return uri.getSentinels().isEmpty()
        ? List.of(uri.getHost())
        : uri.getSentinels().stream().map(RedisURI::getHost).toList();
  }

  /**
   * A password with a # in it has its beginning taken for the host, and a bad port is part of it.
   */
  private static boolean isMisread(String uri, String host) {
    int colon = host.indexOf(':');
    boolean hasPort = colon >= 0 && colon == host.lastIndexOf(':'); // two are of IPv6
    String withoutOptions = OPTIONS.matcher(uri).replaceFirst("");
    return hasPort || !withoutOptions.substring(withoutOptions.lastIndexOf('@') + 1).contains(host);
  }

  private static IllegalArgumentException refusal(String uri, String why) {
    boolean isSecret = uri.indexOf('@') >= 0; // and the reason may have all of it in it
    return new IllegalArgumentException(
        "'"
            + PASSWORD.matcher(uri).replaceFirst("//***@")
            + "' is no URI of a Redis ("
            + (isSecret
                ? "a # or / in a password is %23 or %2F, a port a number, and sentinels need their"
                    + " #primary"
                : why)
            + "): write redis://host:6379, rediss://host:6379 for TLS, or"
            + " redis-sentinel://host,host#primary");
  }

  /**
   * Makes what connects to one server, or to what sentinels say is the primary.
   *
   * @param commandTimeout after which a command has failed
   * @return clients that are not connected
   * @throws IllegalStateException if there are several URIs
   */
  public RedisClients single(Duration commandTimeout) {
    return single(this, commandTimeout);
  }

  /**
   * The same, where news come another way from the same server, for tests in which one of two is
   * cut.
   *
   * @param newsFrom the other way
   * @param commandTimeout after which a command has failed
   * @return clients that are not connected
   * @throws IllegalStateException if there are several URIs
   */
  public RedisClients single(RedisAddress newsFrom, Duration commandTimeout) {
    if (uris.size() > 1) {
      throw new IllegalStateException(
          "there are "
              + uris.size()
              + " URIs: for the nodes of a cluster call cluster(), and give sentinels in one URI,"
              + " redis-sentinel://host,host#primary");
    }
    return RedisClients.single(uris.get(0), newsFrom.uris.get(0), commandTimeout);
  }

  /**
   * Makes what connects to a cluster.
   *
   * @param commandTimeout after which a command has failed
   * @return clients that are not connected
   */
  public RedisClients cluster(Duration commandTimeout) {
    return RedisClients.cluster(uris, commandTimeout);
  }

  /**
   * Returns where it is.
   *
   * @return hosts and ports, without passwords
   */
  @Override
  public String toString() {
    List<String> places = new ArrayList<>();
    for (RedisURI uri : uris) {
      if (uri.getSocket() != null) {
        places.add(uri.getSocket());
      } else if (uri.getSentinels().isEmpty()) {
        places.add(uri.getHost() + ":" + uri.getPort());
      } else {
        uri.getSentinels().forEach(one -> places.add(one.getHost() + ":" + one.getPort()));
      }
    }
    return String.join(",", places);
  }
}
