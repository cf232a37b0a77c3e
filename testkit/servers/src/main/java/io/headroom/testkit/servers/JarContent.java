package io.headroom.testkit.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/** Files on the class or module path. */
final class JarContent {

  private JarContent() {}

  /** The CRC-32 in hexadecimal: a jar's directory has it, so that no byte needs to be read. */
  static String checksum(URL file) throws IOException {
    URLConnection connection = file.openConnection();
    if (connection instanceof JarURLConnection inJar) {
      return Long.toHexString(inJar.getJarEntry().getCrc());
    }
    try (CheckedInputStream bytes =
        new CheckedInputStream(connection.getInputStream(), new CRC32())) {
      bytes.transferTo(OutputStream.nullOutputStream());
      return Long.toHexString(bytes.getChecksum().getValue());
    }
  }
}
