package io.headroom.examples.quickstart.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Function;
import java.util.function.Supplier;

/** Tells the service's {@link Figures}, or an address's {@link Entries}. */
final class FiguresServlet extends HttpServlet {

  private static final long serialVersionUID = 1;

  private final transient Supplier<Figures> figures;
  private final transient Function<String, Entries> entriesOf;
  private final transient ObjectMapper json = new ObjectMapper();

  FiguresServlet(Supplier<Figures> figures, Function<String, Entries> entriesOf) {
    this.figures = figures;
    this.entriesOf = entriesOf;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String address = request.getParameter("address");
    Object told = address == null ? figures.get() : entriesOf.apply(address);
    Api.write(response, json.writeValueAsBytes(told), "application/json");
  }
}
