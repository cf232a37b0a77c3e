package io.headroom.benchmarks.caches;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Values as JSON by Jackson, the same way for all contenders. Thread-safe. */
final class ProfileJson {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private static final ObjectReader READER = MAPPER.readerFor(Profile.class);
  private static final ObjectWriter WRITER = MAPPER.writerFor(Profile.class);

  private ProfileJson() {}

  static byte[] write(Profile profile) {
    return write(WRITER, profile);
  }

  static byte[] write(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsBytes(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Profile read(byte[] json) {
    return (Profile) read(READER, json);
  }

  static Object read(ObjectReader reader, byte[] json) {
    try {
      return reader.readValue(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
