package io.headroom.testkit.interleaving;

import java.util.function.BooleanSupplier;

/** An actor, and where it is. What is not final, its {@link Stage} keeps under its lock. */
final class ActorThread extends Thread {

  /** What it is doing. */
  enum Doing {
    /** It is on its way from a point, or to its first one, and has not been seen to run. */
    WAKING,
    /** Its own work, in which it may be blocked. */
    RUNNING,
    /** It waits to be chosen. */
    STANDING,
    /** It has ended. */
    NOTHING
  }

  private final Stage stage;
  private final String actor;
  private final Interleaving.Act act;
  private int number;
  private Doing doing = Doing.WAKING;
  private String point = "";
  private BooleanSupplier ready = Stage.ALWAYS;

  /** It has come to a point, and may have to wait for the stage's lock. */
  private volatile boolean arriving;

  ActorThread(Stage stage, String actor, Interleaving.Act act) {
    super("actor " + actor);
    setDaemon(true);
    this.stage = stage;
    this.actor = actor;
    this.act = act;
  }

  @Override
  public void run() {
    Throwable failure = null;
    try {
      stage.stop(this, "start", Stage.ALWAYS);
      act.run();
    } catch (Throwable thrown) { // the run is to fail, whatever it was
      failure = thrown;
    }
    arriving = true;
    stage.ended(this, failure);
  }

  boolean isOf(Stage other) {
    return stage == other;
  }

  String actor() {
    return actor;
  }

  String point() {
    return point;
  }

  /** Its place in the order of registration. */
  int number() {
    return number;
  }

  void is(int registered) {
    number = registered;
  }

  void arrives() {
    arriving = true;
  }

  void stands(String where, BooleanSupplier goesOnOnce) {
    point = where;
    ready = goesOnOnce;
    now(Doing.STANDING);
  }

  void now(Doing next) {
    doing = next;
    arriving = false;
  }

  boolean is(Doing what) {
    return doing == what;
  }

  /** Whether nothing will be heard of it unless it is chosen. */
  boolean isSettled() {
    return doing == Doing.STANDING || doing == Doing.NOTHING;
  }

  boolean canGoOn() {
    return doing == Doing.STANDING && ready.getAsBoolean();
  }

  /** Whether it waits for something else than to be chosen. */
  boolean isBlocked() {
    return doing == Doing.RUNNING
        && !arriving
        && switch (getState()) {
          case BLOCKED, WAITING, TIMED_WAITING -> true;
          case NEW, RUNNABLE, TERMINATED -> false;
        };
  }

  /** Where it is, for a report. */
  String describe() {
    return switch (doing) {
      case NOTHING -> actor + " has ended";
      case STANDING -> actor + " waits at '" + point + "' for what is not so";
      case WAKING, RUNNING ->
          actor + " went on from '" + point + "' and is " + getState() + stack();
    };
  }

  private String stack() {
    StringBuilder lines = new StringBuilder();
    for (StackTraceElement frame : getStackTrace()) {
      lines.append("\n      at ").append(frame);
    }
    return lines.toString();
  }
}
