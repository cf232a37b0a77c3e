package io.headroom.routing;

import io.headroom.RequestContext;
import io.headroom.TokenSigner;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;

/** What the README shows, compiled. */
@SuppressWarnings({"try", "unused"}) // scopes are opened for their effect; nothing here is called
abstract class ReadmeSnippets {

  abstract List<String> openOrders(Connection connection) throws SQLException;

  abstract void handle(Request request);

  interface Request {
    String cookie(String name);
  }

  interface Response {
    void cookie(String name, String value);
  }

  List<String> firstScreen(DataSource poolA, DataSource poolB, DataSource poolC)
      throws SQLException {
    // snippet: routing-first-screen
    ReplicaDataSource orders =
        ReplicaDataSource.builder("orders")
            .primary("a", poolA)
            .replica("b", poolB)
            .replica("c", poolC)
            .build();

    try (Connection connection = orders.getConnection()) {
      connection.setReadOnly(true); // the best fresh replica; without it, the primary
      return openOrders(connection);
    }
    // end snippet
  }

  List<String> read(ReplicaDataSource orders) throws SQLException {
    // snippet: routing-read
    List<String> open = orders.read(connection -> openOrders(connection));
    // end snippet
    return open;
  }

  void token(TokenSigner signer, Request request, Response response) {
    // snippet: routing-token
    RequestContext context = RequestContext.builder().timeout(Duration.ofSeconds(2)).build();
    context.observe(signer.openOrNone(request.cookie("seen")));
    try (RequestContext.Scope scope = context.attach()) {
      handle(request); // writes, then reads what it wrote, from a replica that has it
    }
    response.cookie("seen", signer.seal(context.token()));
    // end snippet
  }

  abstract void print(List<String> lines);

  void consistency(Connection connection) throws SQLException {
    // snippet: routing-consistency
    RequestContext report =
        RequestContext.builder()
            .with(Consistency.KEY, Consistency.bounded(Duration.ofSeconds(5)).orStale())
            .build();
    try (RequestContext.Scope scope = report.attach()) {
      print(openOrders(connection)); // whatever the default, `consistency(…)` of the builder, says
    }
    // end snippet
  }
}
