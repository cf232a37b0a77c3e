package io.headroom.examples.quickstart;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What the users of one process do with profiles. Some are asked for far more often than others, as
 * it is everywhere: the k-th about 1/k as often as the first (Zipf's law). Thread-safe; to be
 * called within a request.
 */
final class ProfileTraffic {

  private static final int PAGE = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Profiles profiles;
  private final ProfileJudge judge;
  private final int users;
  private final Consumer<Change> other;

  /**
   * Creates it.
   *
   * @param users how many there are, from 1 on
   * @param other is told of changes
   */
  ProfileTraffic(Profiles profiles, ProfileJudge judge, int users, Consumer<Change> other) {
    this.profiles = profiles;
    this.judge = judge;
    this.users = users;
    this.other = other;
  }

  /** Shows a page of profiles. */
  void readPage() {
    List<Long> page = Stream.generate(this::someUser).limit(PAGE).distinct().toList();
    long begun = System.nanoTime();
    Map<Long, Profile> found = profiles.findAll(page);
    page.forEach(user -> judge.read(user, found.get(user), begun));
  }

  /** Shows a page in a request of its own, whatever comes of it. */
  @SuppressWarnings("try") // the scope is opened for its effect
  void servePage(ConsistencyToken loaded) {
    RequestContext request = RequestContext.builder().timeout(PATIENCE).build();
    request.observe(loaded);
    try (RequestContext.Scope scope = request.attach()) {
      readPage();
    } catch (RuntimeException | Error failure) { // nobody else would hear of it
      judge.failed(failure);
    }
  }

  /** Changes a profile, and shows it to who has changed it. */
  void change() throws SQLException {
    long user = someUser();
    long version = profiles.change(user);
    long done = System.nanoTime();
    Change change = new Change(user, version, done, RequestContext.current().token());
    judge.weChanged(change);
    other.accept(change);
    judge.readOwn(change, profiles.find(user));
  }

  /** Below k + 1 with a probability of log(k + 1) / log(users + 1), so that k has about 1/k. */
  private long someUser() {
    return Math.min(users, (long) Math.pow(users + 1.0, ThreadLocalRandom.current().nextDouble()));
  }
}
