package io.headroom.testkit.house;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A type that {@link PublicApiTest} lists. */
public interface Listed {

  /** Its kinds. */
  enum Kind {
    ONE
  }

  void go(Map<String, ? extends Number> numbers);

  default int twice(int number) {
    return 2 * number;
  }

  static Listed of(List<String> names) throws IOException {
    if (names.isEmpty()) {
      throw new IOException("no name");
    }
    return numbers -> numbers.keySet().retainAll(names);
  }
}
