package io.headroom.examples.quickstart.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What one run showed. All moments are in seconds since the run's start. Immutable; any list may be
 * empty.
 *
 * @param title what ran
 * @param started when it began
 * @param length how long it took
 * @param claims what was to be shown, in the order of the page
 * @param failures what failed the run besides: each check that is no claim, and what it found
 * @param seconds what each second brought, by time; the page leaves a gap where seconds are missing
 * @param marks what was done to the servers, and when
 * @param levels how loaded each resource was, and from when to when
 * @param reads which server answered, and why that one
 * @param shards what each shard owns and holds
 * @param notes what a reader must know besides
 */
public record RunReport(
    String title,
    Instant started,
    Duration length,
    List<Claim> claims,
    List<String> failures,
    List<Second> seconds,
    List<Mark> marks,
    List<Level> levels,
    List<NodeReads> reads,
    List<ShardSlots> shards,
    List<String> notes) {

  public RunReport {
    claims = List.copyOf(claims);
    failures = List.copyOf(failures);
    seconds = List.copyOf(seconds);
    marks = List.copyOf(marks);
    levels = List.copyOf(levels);
    reads = List.copyOf(reads);
    shards = List.copyOf(shards);
    notes = List.copyOf(notes);
  }
}
