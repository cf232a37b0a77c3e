package io.headroom.testkit.servers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a command is run as somebody whom PostgreSQL accepts: it refuses to run as root.
 *
 * <p>Every prefix ends in an {@code exec}, so the process started is the server itself. {@code
 * runuser} and {@code su} would fork: a SIGKILL would hit the wrapper, and the server live on.
 */
enum Privileges {
  /** An ordinary user: nothing to do. */
  KEPT,

  /** Root, as nobody in particular in a new user namespace: files stay the user's own. */
  NAMESPACE,

  /** Root where namespaces are forbidden, as in many containers: the user nobody. */
  NOBODY;

  static Privileges detect() {
    if (!Command.run("id", "-u").equals("0")) {
      return KEPT;
    }
    if (Command.succeeds("sh", "-c", "test \"$(unshare -U id -u)\" -gt 0")) {
      return NAMESPACE;
    }
    if (Command.succeeds("sh", "-c", "test \"$(setpriv --reuid=nobody id -u)\" -gt 0")) {
      return NOBODY;
    }
    throw new ServerException(
        "PostgreSQL refuses to run as root, and neither 'unshare -U' nor 'setpriv --reuid=nobody'"
            + " works here: run the tests as an ordinary user, or install util-linux");
  }

  List<String> command(List<String> command) {
    List<String> all = new ArrayList<>();
    switch (this) {
      case KEPT -> {}
      case NAMESPACE -> all.addAll(List.of("unshare", "-U"));
      case NOBODY -> {
        // By number: the group of nobody is called nogroup on Debian, nobody elsewhere.
        String group = Command.run("id", "-g", "nobody");
        all.addAll(List.of("setpriv", "--reuid=nobody", "--regid=" + group, "--clear-groups"));
      }
    }
    all.addAll(command);
    return all;
  }

  /** Gives a folder and all in it to the user that servers run as. */
  void handOver(Path folder) {
    if (this == NOBODY) {
      Command.run("chown", "-R", "nobody", folder.toString());
    }
  }

  /** Lets the user that servers run as through a folder on the way to its own. */
  void letThrough(Path folder) {
    if (this == NOBODY) {
      Command.run("chmod", "a+rx", folder.toString());
    }
  }
}
