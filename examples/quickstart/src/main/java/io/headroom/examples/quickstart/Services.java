package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.service.Entries;
import io.headroom.examples.quickstart.service.Figures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The services, and the load balancer before them: it sends one request here and the next there,
 * whoever asks. Thread-safe.
 */
final class Services implements AutoCloseable {

  static final int COUNT = 2;

  private final List<ServiceProcess> all = new ArrayList<>();
  private final AtomicInteger turns = new AtomicInteger();

  /** Starts them, which goes on in the background. */
  Services(Fleet fleet, String key, ServiceProcess.Listener listener) throws IOException {
    for (int i = 1; i <= COUNT; i++) {
      all.add(ServiceProcess.start("service-" + i, fleet, key, listener));
    }
  }

  List<ServiceProcess> all() {
    return all;
  }

  ServiceProcess at(int index) {
    return all.get(index);
  }

  /** Whose turn it is. */
  int next() {
    return Math.floorMod(turns.getAndIncrement(), COUNT);
  }

  /** The one that is not this one. */
  static int other(int index) {
    return COUNT - 1 - index;
  }

  /** What each has done so far. */
  List<Figures> figures() throws IOException {
    List<Figures> figures = new ArrayList<>();
    for (ServiceProcess each : all) {
      figures.add(each.figures());
    }
    return figures;
  }

  /** What came of an address at the limits of each. */
  List<Entries> entriesOf(String address) throws IOException {
    List<Entries> entries = new ArrayList<>();
    for (ServiceProcess each : all) {
      entries.add(each.entriesOf(address));
    }
    return entries;
  }

  /** What should not have happened to them. */
  List<String> troubles() {
    return all.stream().flatMap(each -> each.troubles().stream()).toList();
  }

  boolean haveRedis() {
    try {
      return figures().stream().allMatch(Figures::hasRedis);
    } catch (IOException failure) {
      return false;
    }
  }

  @Override
  public void close() {
    all.forEach(ServiceProcess::close);
  }
}
