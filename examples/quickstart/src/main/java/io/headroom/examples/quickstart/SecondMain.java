package io.headroom.examples.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * The second application process: its own connections, cache and limits, the same Redis. It talks
 * with the first by lines, of which {@link SecondProcess} has the list, and ends when its standard
 * input does, so that it cannot outlive the first.
 */
final class SecondMain {

  private static final int CLIENTS = 2;
  private static final int CHANGE_EVERY = 10;
  private static final Duration THINKING = Duration.ofMillis(5);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final PrintStream out;
  private final int users;
  private final Profiles profiles;
  private final Limits limits;
  private final ProfileJudge judge = new ProfileJudge();
  private final ProfileTraffic traffic;
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean goesOn = true;

  private SecondMain(Profiles profiles, Limits limits, int users, PrintStream out) {
    this.users = users;
    this.profiles = profiles;
    this.limits = limits;
    this.out = out;
    this.traffic =
        new ProfileTraffic(profiles, judge, users, change -> say(SecondProcess.CHANGED, change));
  }

  /**
   * Runs until it is told to end, or nobody is there who could tell it.
   *
   * @param arguments the URI of Redis, the number of users, and the servers
   */
  public static void main(String[] arguments) throws Exception {
    // only lines of ours go to the first process
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    List<Node> nodes = Arrays.stream(arguments).skip(2).map(Node::parse).toList();
    Wiring wiring = new Wiring(nodes, CLIENTS + GreedyUser.SERVING + 4, shard -> List.of());
    Profiles profiles = new Profiles(wiring.sharded(), arguments[0], new LongAdder());
    Limits limits = new Limits(arguments[0]);
    SecondMain process = new SecondMain(profiles, limits, Integer.parseInt(arguments[1]), out);
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      process.run(in);
    } finally {
      Runtime.getRuntime().halt(0); // whatever still waits for a server
    }
  }

  private void run(BufferedReader in) throws IOException, InterruptedException {
    say(SecondProcess.READY, "");
    String first = in.readLine();
    if (first == null) {
      return;
    }
    ConsistencyToken loaded = ConsistencyToken.parse(SecondProcess.after(first));
    GreedyUser greedy = new GreedyUser(limits, () -> traffic.servePage(loaded));
    try (ChangeWatch watch = new ChangeWatch(profiles, judge, loaded)) {
      start(loaded);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.equals(SecondProcess.END)) {
          end(watch);
        } else if (line.equals(SecondProcess.GREED)) {
          greedy.begin();
        } else if (line.equals(SecondProcess.ENOUGH)) {
          new Thread(() -> end(greedy), "greed-ends").start(); // news of changes go on meanwhile
        } else {
          watch.heard(Change.parse(SecondProcess.after(line)));
        }
      }
    }
  }

  private void start(ConsistencyToken loaded) {
    for (int i = 0; i < CLIENTS; i++) {
      Thread client = new Thread(() -> call(loaded), "client-" + i);
      client.setDaemon(true);
      client.start();
      clients.add(client);
    }
  }

  private void end(GreedyUser greedy) {
    try {
      say(SecondProcess.GREEDY, new ObjectMapper().writeValueAsString(greedy.end()));
    } catch (IOException | InterruptedException | RuntimeException failure) {
      judge.failed(failure); // and the first process waits in vain, and says so
    }
  }

  private void end(ChangeWatch watch) throws IOException, InterruptedException {
    goesOn = false;
    for (Thread client : clients) {
      client.join(PATIENCE.toMillis());
    }
    watch.awaitAll();
    SecondProcess.Report report =
        new SecondProcess.Report(
            ProfileReport.of(profiles.stats(), judge.findings(), watch.open()), limits.entries());
    say(SecondProcess.REPORT, new ObjectMapper().writeValueAsString(report));
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  private void call(ConsistencyToken loaded) {
    for (int n = 1; goesOn; n++) {
      RequestContext request = RequestContext.builder().timeout(PATIENCE).build();
      request.observe(loaded);
      try (RequestContext.Scope scope = request.attach()) {
        limits.enter(1 + ThreadLocalRandom.current().nextLong(users));
        if (n % CHANGE_EVERY == 0) {
          traffic.change();
        } else {
          traffic.readPage();
        }
      } catch (SQLException | RuntimeException | Error failure) { // no client dies unnoticed
        judge.failed(failure);
      }
      LockSupport.parkNanos(THINKING.toNanos());
    }
  }

  private void say(String what, Object about) {
    out.println(what + " " + about);
  }
}
