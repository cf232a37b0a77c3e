package io.headroom.examples.quickstart.service;

import io.headroom.TokenSigner;
import io.headroom.guard.http.AdmissionFilter;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The service: puts everything together, and answers until its standard input ends, so that it
 * cannot outlive who has started it. {@link News} says what it tells on standard output.
 */
public final class ServiceMain {

  /** The environment variable with the key that tokens are signed with, the same everywhere. */
  public static final String KEY = "QUICKSTART_TOKEN_KEY";

  private static final int POOL_SIZE = 10;

  private final Wiring wiring;
  private final Attempts attempts = new Attempts();
  private final RouteTally tally = new RouteTally();
  private final Profiles profiles;
  private final OrderBook orders;
  private final Limits limits;
  private final TokenSigner signer;

  private ServiceMain(List<Node> nodes, String redisUri, TokenSigner signer, News news) {
    this.wiring = new Wiring(nodes, POOL_SIZE, news, List.of(tally, news));
    this.profiles = new Profiles(wiring, redisUri, attempts);
    this.orders = new OrderBook(wiring.sharded(), attempts);
    this.limits = new Limits(redisUri, wiring.ofAllPools());
    this.signer = signer;
  }

  /**
   * Runs a service.
   *
   * @param arguments the URI of Redis, and the servers, as {@link Node}s
   */
  public static void main(String[] arguments) throws Exception {
    News news = new News(new PrintStream(System.out, true, StandardCharsets.UTF_8));
    List<Node> nodes = Arrays.stream(arguments).skip(1).map(Node::parse).toList();
    ServiceMain service = new ServiceMain(nodes, arguments[0], signer(System.getenv(KEY)), news);
    WebServer server = service.server();
    Runtime.getRuntime().addShutdownHook(new Thread(server::deleteFolder, "end"));
    news.say(News.LISTENING, Integer.toString(server.start()));
    try {
      while (System.in.read() >= 0) {
        // who has started it says nothing
      }
    } finally {
      server.deleteFolder();
      Runtime.getRuntime().halt(0); // whatever still waits for a server
    }
  }

  /** What seals the cookies of all processes. */
  public static TokenSigner signer(String key) {
    return TokenSigner.builder().signingKey(1, key.getBytes(StandardCharsets.UTF_8)).build();
  }

  private WebServer server() throws IOException {
    return new WebServer()
        .application(new Api(profiles, orders), filters())
        .internal(new FiguresServlet(this::figures, limits::entriesOf), Figures.PATH);
  }

  /** First what all others need to know of a request, then who may go on. */
  private List<Filter> filters() {
    return List.of(
        new RequestFilter(signer),
        limits.filter(),
        AdmissionFilter.builder(wiring.guard())
            .user(request -> Api.userIn(request.getRequestURI()).orElse(null))
            .resource(this::poolFor)
            .build());
  }

  /** Changes need the primary's pool; what reads has several copies to go to. */
  private @Nullable String poolFor(HttpServletRequest request) {
    return request.getMethod().equals("GET")
        ? null
        : Api.userIn(request.getRequestURI())
            .map(user -> wiring.router().shardFor(user).id())
            .orElse(null);
  }

  private Figures figures() {
    return new Figures(
        Figures.Cache.of(profiles.stats()),
        tally.counts(),
        limits.entries(),
        profiles.hasRedis() && limits.hasRedis(),
        attempts.repeated(),
        Figures.cpuMillisSoFar());
  }
}
