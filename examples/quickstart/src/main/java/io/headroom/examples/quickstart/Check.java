package io.headroom.examples.quickstart;

/**
 * One thing that must hold for the run to count as a success.
 *
 * @param claim what must hold
 * @param holds whether it does
 * @param found what was found
 */
record Check(String claim, boolean holds, String found) {

  @Override
  public String toString() {
    return "%s %s: %s".formatted(holds ? "ok  " : "FAIL", claim, found);
  }
}
