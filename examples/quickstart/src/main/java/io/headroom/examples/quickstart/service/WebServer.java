package io.headroom.examples.quickstart.service;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;

/** A Tomcat on a free port of this machine, as what serves the application. */
public final class WebServer implements AutoCloseable {

  private static final int THREADS = 100;

  private final Tomcat tomcat = new Tomcat();
  private final Path folder = Files.createTempDirectory("headroom-service");
  private final Context context;

  /** Makes one that has not {@linkplain #start started}. */
  public WebServer() throws IOException {
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    tomcat.setSilent(true);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setProperty("maxThreads", Integer.toString(THREADS));
    // the load balancer keeps its connections
    tomcat.getConnector().setProperty("maxKeepAliveRequests", "-1");
    tomcat.getConnector().setProperty("keepAliveTimeout", "-1");
    context = tomcat.addContext("", folder.toString());
  }

  /**
   * Serves everything below {@code /} by a servlet.
   *
   * @param filters are passed first, in this order
   */
  public WebServer application(HttpServlet servlet, List<Filter> filters) {
    context.addServletContainerInitializer(
        (types, application) -> {
          for (Filter filter : filters) {
            application
                .addFilter(filter.getClass().getSimpleName(), filter)
                .addMappingForServletNames(EnumSet.of(DispatcherType.REQUEST), true, name(servlet));
          }
          add(application, servlet, "/");
        },
        null);
    return this;
  }

  /** Serves one path by a servlet, with no filter before it. */
  WebServer internal(HttpServlet servlet, String path) {
    context.addServletContainerInitializer(
        (types, application) -> add(application, servlet, path), null);
    return this;
  }

  private static void add(ServletContext application, HttpServlet servlet, String path) {
    application.addServlet(name(servlet), servlet).addMapping(path);
  }

  private static String name(HttpServlet servlet) {
    return servlet.getClass().getSimpleName();
  }

  /** Deletes what the server has on disk, which is some folders: it serves no more after that. */
  void deleteFolder() {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException gone) {
      // then there is nothing to delete
    }
  }

  /** Returns the port. */
  public int start() throws LifecycleException {
    tomcat.start();
    return tomcat.getConnector().getLocalPort();
  }

  @Override
  public void close() throws LifecycleException {
    tomcat.stop();
    tomcat.destroy();
    deleteFolder();
  }
}
