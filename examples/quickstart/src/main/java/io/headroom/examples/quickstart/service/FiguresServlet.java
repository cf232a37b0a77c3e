package io.headroom.examples.quickstart.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Supplier;

/** Tells the service's {@link Figures}. */
final class FiguresServlet extends HttpServlet {

  private static final long serialVersionUID = 1;

  private final transient Supplier<Figures> figures;
  private final transient ObjectMapper json = new ObjectMapper();

  FiguresServlet(Supplier<Figures> figures) {
    this.figures = figures;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Api.write(response, json.writeValueAsBytes(figures.get()), "application/json");
  }
}
