package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** That no service ends, or says what nobody understands, without a word. */
class ServiceProcessTest {

  private final List<String> heard = new CopyOnWriteArrayList<>();

  @Test
  void oneThatEndsThoughNobodyEndedItIsInTrouble() throws Exception {
    try (ServiceProcess service = started("echo listening 7")) {
      assertThat(service.port()).isEqualTo(7);
      await().until(() -> !service.troubles().isEmpty());
      assertThat(service.troubles()).containsExactly("service-1: it has ended");
      assertThat(heard).containsExactly("service-1 it has ended");
    }
  }

  @Test
  void nobodyWaitsForThePortOfOneThatHasEnded() throws Exception {
    try (ServiceProcess service = started("true")) {
      assertThatThrownBy(service::port)
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("service-1: it has ended");
    }
  }

  @Test
  void whatIsNotUnderstoodIsATroubleAndTheNextLineIsHeard() throws Exception {
    ServiceProcess service = started("echo listening 7; echo level x; echo event all is well; cat");
    try (service) {
      await().until(() -> heard.contains("service-1 all is well"));
    }
    assertThat(service.troubles())
        .as("and it ends as it should")
        .singleElement()
        .asString()
        .startsWith("service-1: it said what nobody understands: level x (");
  }

  private ServiceProcess started(String script) throws IOException {
    return new ServiceProcess(
        "service-1",
        new ProcessBuilder("sh", "-c", script).start(),
        new ServiceProcess.Listener() {
          @Override
          public void onEvent(String service, String what) {
            heard.add(service + " " + what);
          }

          @Override
          public void onLevel(String service, String pool, String from, String to) {
            heard.add(service + " " + pool + " " + to);
          }
        });
  }
}
