package io.headroom;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The one mutable cell of a request context is linearizable: whatever threads observe, no position
 * is lost, and no reader sees one go back.
 */
@Tag("faults")
public class TokenCellLincheckTest {

  private final RequestContext context = RequestContext.builder().build();

  @Operation
  public void observe(
      @Param(gen = IntGen.class, conf = "1:2") int domain,
      @Param(gen = IntGen.class, conf = "1:9") int position) {
    context.observe(ConsistencyToken.of("db-" + domain, 1, position));
  }

  @Operation
  public String token() {
    return context.token().toString();
  }

  @Test
  void theTokenCellIsLinearizable() {
    new StressOptions()
        .iterations(30)
        .invocationsPerIteration(3_000)
        .threads(3)
        .actorsPerThread(3)
        .check(TokenCellLincheckTest.class);
  }
}
