package io.headroom.spring.boot;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import org.jspecify.annotations.Nullable;

/**
 * An answer to which is added what its client has seen, right before it begins to leave: the work
 * is done by then, and its transactions have ended. It holds nothing back.
 *
 * <p>As thread-safe as an answer is.
 */
final class SeenResponse extends HttpServletResponseWrapper {

  private final SeenTokens.Seen seen;
  private @Nullable ServletOutputStream stream;
  private @Nullable PrintWriter writer;

  SeenResponse(HttpServletResponse response, SeenTokens.Seen seen) {
    super(response);
    this.seen = seen;
  }

  /** The one that an answer has around it already: an asynchronous dispatch gets it so. */
  static @Nullable SeenResponse in(ServletResponse response) {
    ServletResponse inner = response;
    while (inner instanceof ServletResponseWrapper wrapper) {
      if (wrapper instanceof SeenResponse known) {
        return known;
      }
      inner = wrapper.getResponse();
    }
    return null;
  }

  void tell() {
    if (!isCommitted()) {
      seen.tell((HttpServletResponse) getResponse());
    }
  }

  @Override
  public void sendRedirect(String location) throws IOException {
    tell();
    super.sendRedirect(location);
  }

  @Override
  public void sendError(int status) throws IOException {
    tell();
    super.sendError(status);
  }

  @Override
  public void sendError(int status, String message) throws IOException {
    tell();
    super.sendError(status, message);
  }

  @Override
  public void flushBuffer() throws IOException {
    tell();
    super.flushBuffer();
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    ServletOutputStream known = stream;
    if (known == null) {
      known = new Telling(super.getOutputStream());
      stream = known;
    }
    return known;
  }

  @Override
  public PrintWriter getWriter() throws IOException {
    PrintWriter known = writer;
    if (known == null) {
      known = new PrintWriter(new TellingWriter(super.getWriter()));
      writer = known;
    }
    return known;
  }

  /** Another one may be asked for after it. */
  @Override
  public void reset() {
    super.reset();
    stream = null;
    writer = null;
  }

  private final class Telling extends ServletOutputStream {

    private final ServletOutputStream out;
    private boolean told;

    private Telling(ServletOutputStream out) {
      this.out = out;
    }

    private void first() {
      if (!told) {
        told = true;
        tell();
      }
    }

    @Override
    public void write(int one) throws IOException {
      first();
      out.write(one);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      first();
      out.write(bytes, from, count);
    }

    @Override
    public void flush() throws IOException {
      tell();
      out.flush();
    }

    @Override
    public void close() throws IOException {
      tell();
      out.close();
    }

    @Override
    public boolean isReady() {
      return out.isReady();
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      out.setWriteListener(listener);
    }
  }

  private final class TellingWriter extends Writer {

    private final PrintWriter out;
    private boolean told;

    private TellingWriter(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void write(char[] chars, int from, int count) {
      if (!told) {
        told = true;
        tell();
      }
      out.write(chars, from, count);
    }

    @Override
    public void flush() {
      tell();
      out.flush();
    }

    @Override
    public void close() {
      tell();
      out.close();
    }
  }
}
