package io.headroom.testkit.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Ends the servers of a JVM that is gone, however it went: a shell that reads server pids from its
 * standard input, whose other end the operating system closes when the JVM dies.
 *
 * <p>It ignores the signals that a terminal sends to the whole group of processes (Ctrl-C), since
 * it must outlive the JVM. A server is first sent the signal by which it quits at once: PostgreSQL
 * then ends its own processes, stopped ones too, and gives back its shared memory. What is left
 * some seconds later is killed.
 */
final class Watchdog {

  private static final String SCRIPT =
      """
      trap '' INT QUIT HUP TERM
      pids=' '
      while read -r line; do
        case $line in
          +*) pids="$pids${line#+} " ;;
          -*) pid=${line#-}
              case $pids in *" $pid "*) pids="${pids%%" $pid "*} ${pids#*" $pid "}" ;; esac ;;
        esac
      done
      alive() { for pid in $pids; do kill -0 "$pid" && return 0; done; return 1; }
      for pid in $pids; do kill -"$2" "$pid"; kill -CONT "$pid"; done
      tries=0
      while alive && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
      for pid in $pids; do kill -KILL "$pid"; done
      rm -rf "$1"
      """;

  private final Process shell;
  private final OutputStream lines;

  /**
   * Starts a watchdog.
   *
   * @param folder the folder to delete after the JVM's end
   * @param signal what ends a server, such as {@code QUIT}
   */
  Watchdog(Path folder, String signal) {
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of("sh", "-c", SCRIPT, "headroom-watchdog", folder.toString(), signal))
            .directory(Path.of("/").toFile())
            // Inherited, they would keep open a pipe that the JVM's parent reads to its end.
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD);
    try {
      shell = builder.start();
    } catch (IOException failure) {
      throw new ServerException("Cannot start a watchdog shell", failure);
    }
    lines = shell.getOutputStream();
  }

  /** Has a process killed when this JVM ends. */
  void watch(long pid) {
    tell("+" + pid);
  }

  /** Forgets a process that has ended: its number may soon be another's. */
  void forget(long pid) {
    tell("-" + pid);
  }

  private synchronized void tell(String line) {
    try {
      lines.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      lines.flush();
    } catch (IOException failure) {
      throw new ServerException(
          "The watchdog (pid " + shell.pid() + ") is gone, servers could be orphaned", failure);
    }
  }

  @Override
  public String toString() {
    return "Watchdog[pid=" + shell.pid() + "]";
  }
}
