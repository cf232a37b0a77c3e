package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every stage does, over HTTP. */
abstract class StageContract {

  private Market market;
  private HttpFront front;

  /** On tables that the test class has made. */
  abstract Market open();

  /** Before the stage is opened. */
  void prepare() throws SQLException {}

  @BeforeEach
  final void start() throws SQLException {
    prepare();
    market = open();
    front = new HttpFront(market);
  }

  @AfterEach
  final void stop() {
    front.close();
    market.close();
    heal();
  }

  /** After the stage was closed. */
  abstract void heal();

  final Visitor visitor(String name) {
    return new Visitor(front, name);
  }

  @Test
  final void aVisitorReadsAPageOrdersAndSeesItAtOnce() {
    Visitor visitor = visitor("Ada");
    int stock = stock(visitor.read("/stalls/7"));
    String order = visitor.order(7);
    assertThat(stock(visitor.read("/stalls/7"))).isEqualTo(stock - 1);
    assertThat(visitor.read("/stalls/7/orders"))
        .contains("Order[stall=7, id=" + order + ", buyer=Ada");
    assertThat(visitor.read("/orders")).startsWith("[Order[stall=7, id=" + order + ", buyer=Ada");
  }

  @Test
  final void aStallThatIsNotThereIsNotFound() {
    assertThat(visitor("Ada").get("/stalls/4711").statusCode()).isEqualTo(404);
    assertThat(visitor("Ada").post("/stalls/4711/orders").statusCode()).isEqualTo(404);
  }

  static int stock(String page) {
    return Integer.parseInt(page.replaceAll(".*stock=(\\d+).*", "$1"));
  }
}
