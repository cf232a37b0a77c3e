package io.headroom.testkit.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.sharding.ShardRouter;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A law that is not asked is skipped with the reason, and not passed in silence. */
class SkipUnaskedLawsTest {

  private static final RouterSubject<Long> PLAIN =
      RouterSubject.ofRouters("users", ShardRouter::forLongs).keys(SampleKeys.longs()).build();

  @Test
  void withoutAGoldenValueTheReasonSaysWhatItWouldBe() throws Exception {
    String now = ShardRouterContract.of(PLAIN).goldenValue();
    assertThat(reasonToSkip("sameAnswerAsEver", PLAIN))
        .contains("goldenValue(...) is not given; at present it is " + now);
    assertThat(reasonToSkip("sameAnswerInAnotherJvm", PLAIN)).isEmpty();
    assertThat(reasonToSkip("sameAnswerAsEver", OurRouters.hashedLongs())).isEmpty();
  }

  private static Optional<String> reasonToSkip(String property, RouterSubject<?> subject)
      throws NoSuchMethodException {
    AsksLaw asked = ShardRouterProperties.class.getMethod(property).getAnnotation(AsksLaw.class);
    return SkipUnaskedLaws.reasonToSkip(asked, subject);
  }
}
