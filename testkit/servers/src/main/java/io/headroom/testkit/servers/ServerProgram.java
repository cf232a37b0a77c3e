package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What a server of one product is started with, and how it behaves. */
interface ServerProgram {

  /** The product's name. */
  String product();

  /** The command that runs the server, written out anew for each start. */
  List<String> command(int port);

  /** The folder in which the server runs. */
  Path folder();

  /** Whether the process accepts connections, and not another one on its port. */
  boolean isReady(int port, long pid) throws IOException;

  /** The signal that ends the server at once, leaving nothing behind but its folder. */
  String quitSignal();

  /** Removes what a killed server leaves in the operating system. */
  void afterKill();
}
