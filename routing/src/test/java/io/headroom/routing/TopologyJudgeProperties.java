package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * The laws of who is the primary, in a world of servers that are promoted, killed, cut off, brought
 * back and cloned anew in any order.
 */
class TopologyJudgeProperties {

  private static final int SERVERS = 4;

  enum Kind {
    WRITE,
    REPLAY,
    PROMOTE,
    KILL,
    RESTART,
    CLONE,
    CUT,
    HEAL,
    TOKEN
  }

  record Step(Kind kind, int server, int other, int amount) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(4, Arbitraries.of(Kind.WRITE, Kind.REPLAY)),
            net.jqwik.api.Tuple.of(
                3, Arbitraries.of(Kind.PROMOTE, Kind.KILL, Kind.RESTART, Kind.CLONE)),
            net.jqwik.api.Tuple.of(2, Arbitraries.of(Kind.CUT, Kind.HEAL)),
            net.jqwik.api.Tuple.of(1, Arbitraries.just(Kind.TOKEN)));
    Arbitrary<Integer> servers = Arbitraries.integers().between(0, SERVERS - 1);
    return Combinators.combine(kinds, servers, servers, Arbitraries.integers().between(1, 20))
        .as(Step::new)
        .list()
        .ofMaxSize(60);
  }

  /** A server: its log is its whole history, which timelines it ran through and how far. */
  private static final class Server {

    private final int index;
    private boolean writer;
    private boolean running = true;
    private boolean reachable = true;
    private boolean privileged;
    private int run;
    private long timeline = 1;
    private long atStart = 1;
    private long position;
    private TreeMap<Long, Long> left = new TreeMap<>();
    private final NodeMemory memory = new NodeMemory();

    private Server(int index, boolean privileged) {
      this.index = index;
      this.writer = index == 0;
      this.privileged = privileged;
    }

    private boolean has(long onTimeline, long at) {
      Long end = onTimeline == timeline ? Long.valueOf(position) : left.get(onTimeline);
      return end != null && at <= end;
    }

    private boolean canFollow(Server source) {
      return source.has(timeline, position) && left.equals(source.left.headMap(timeline));
    }

    private NodeStatus status() {
      // without privileges a replica knows what the control file said when it was started
      long told = writer || privileged ? timeline : atStart;
      return new NodeStatus(
          writer ? NodeRole.PRIMARY : NodeRole.REPLICA,
          "ours",
          "server " + index + ", run " + run,
          OptionalLong.of(told),
          position,
          true,
          Optional.empty());
    }
  }

  private static final class World {

    private final List<Server> servers = new ArrayList<>();
    private final List<Node> nodes = TestNodes.named("a", "b", "c", "d");
    private final TopologyJudge judge = new TopologyJudge(0);
    private Verdict verdict = Verdict.NONE;
    private long now = Long.MAX_VALUE - 10;
    private long told;

    private World(boolean privileged) {
      for (int index = 0; index < SERVERS; index++) {
        servers.add(new Server(index, privileged));
      }
    }

    private void apply(Step step) {
      Server server = servers.get(step.server());
      Server other = servers.get(step.other());
      switch (step.kind()) {
        case WRITE -> {
          if (server.writer && server.running) {
            server.position += step.amount();
          }
        }
        case REPLAY -> replay(server, other, step.amount());
        case PROMOTE -> promote(server, step.amount());
        case KILL -> server.running = false;
        case RESTART -> {
          server.running = true;
          server.run++;
          server.atStart = server.timeline;
        }
        case CLONE -> {
          if (other.running && server != other) {
            server.writer = false;
            server.running = true;
            server.run++;
            server.timeline = other.timeline;
            server.atStart = server.timeline;
            server.position = other.position;
            server.left = new TreeMap<>(other.left);
          }
        }
        case CUT -> server.reachable = false;
        case HEAL -> server.reachable = true;
        case TOKEN -> {
          // of a primary that this instance need not see
          if (server.writer) {
            verdict = verdict.claiming(server.timeline);
            told = Math.max(told, server.timeline);
          }
        }
      }
    }

    private static void replay(Server server, Server source, int amount) {
      if (server.writer || !server.running || !source.running || !server.canFollow(source)) {
        return;
      }
      long budget = amount;
      while (budget > 0) {
        Long end = source.left.get(server.timeline);
        long limit = end == null ? source.position : end;
        long step = Math.min(budget, limit - server.position);
        server.position += step;
        budget -= step;
        if (end == null || server.position < end) {
          return;
        }
        server.left.put(server.timeline, end);
        server.timeline =
            Objects.requireNonNullElse(source.left.higherKey(server.timeline), source.timeline);
      }
    }

    /** The new number is above every one that the server knows, and may skip some. */
    private static void promote(Server server, int amount) {
      if (!server.writer && server.running) {
        server.left.put(server.timeline, server.position);
        server.timeline += amount > 17 ? 2 : 1;
        server.writer = true;
        server.position++;
      }
    }

    private boolean answers(Server server) {
      return server.running && server.reachable;
    }

    private void probeAndJudge() {
      now++;
      List<Sighting> sightings = new ArrayList<>();
      for (Server server : servers) {
        Node node = nodes.get(server.index);
        if (answers(server)) {
          NodeStatus status = server.memory.complete(server.status());
          node.answered(new Sample(now, now, status));
          told = Math.max(told, status.timeline().orElse(0));
        } else {
          node.failed();
        }
        sightings.add(
            new Sighting(node, node.sample(), true, node.isUp(), server.memory.asReplica(), null));
      }
      Verdict before = verdict;
      verdict = judge.judge(before, sightings, Map.of(), now);
      check(before.topology(), verdict.topology());
    }

    private void check(Topology before, Topology after) {
      List<Server> latest =
          servers.stream()
              .filter(server -> answers(server) && server.writer && server.timeline == told)
              .toList();
      @Nullable Node primary = after.primary();
      if (latest.size() == 1) {
        assertThat(primary).isSameAs(nodes.get(latest.get(0).index));
      } else {
        assertThat(primary).isNull();
        assertThat(after.trouble()).isNotBlank();
      }
      assertThat(after.timeline()).isEqualTo(told).isGreaterThanOrEqualTo(before.timeline());
      for (Server server : servers) {
        boolean stray = answers(server) && server.writer && nodes.get(server.index) != primary;
        boolean refused = (after.refused() & nodes.get(server.index).bit()) != 0;
        assertThat(refused).isEqualTo(stray);
      }
      if (after.version() == before.version()) {
        assertThat(after).isSameAs(before);
      } else {
        assertThat(after.version()).isEqualTo(before.version() + 1);
        assertThat(withVersionOf(before, after)).isNotEqualTo(before);
      }
      if (primary != null) {
        checkEnds(servers.get(primary.index()), after.ends());
      }
    }

    private static Topology withVersionOf(Topology before, Topology after) {
      return new Topology(
          before.version(),
          after.primary(),
          after.timeline(),
          after.ends(),
          after.refused(),
          after.trouble());
    }

    /** What is said to be part of the primary's history is. */
    private static void checkEnds(Server primary, TimelineEnds ends) {
      for (long timeline = 1; timeline < primary.timeline; timeline++) {
        for (long position = 0; position < 400; position++) {
          if (ends.carriesOver(timeline, position, primary.timeline)) {
            assertThat(primary.has(timeline, position))
                .as("position %s of timeline %s, by %s", position, timeline, ends)
                .isTrue();
          }
        }
      }
    }
  }

  @Property(tries = 2000)
  void theLawsHold(@ForAll("steps") List<Step> steps, @ForAll boolean privileged) {
    World world = new World(privileged);
    world.probeAndJudge();
    for (Step step : steps) {
      world.apply(step);
      world.probeAndJudge();
    }
  }

  @Property(tries = 2000)
  void theLawsHoldThoughMuchHappensBetweenTwoProbes(
      @ForAll("steps") List<Step> steps, @ForAll boolean privileged) {
    World world = new World(privileged);
    int count = 0;
    for (Step step : steps) {
      world.apply(step);
      if (++count % 5 == 0) {
        world.probeAndJudge();
      }
    }
  }
}
