package io.headroom.spring.boot;

import io.headroom.ratelimit.WhenAway;
import io.headroom.spring.boot.LimitProperties.By;
import java.util.Locale;
import java.util.Map;

/** What a limit cannot be both. */
final class LimitChecks {

  private LimitChecks() {}

  static void check(String name, LimitProperties limit) {
    String at = Limiters.AT + name + ".";
    if (!limit.shared()) {
      String why = "is for limits in Redis, and this one is not shared.";
      refuse(at + "leased", limit.leased(), why, at + "shared=true");
      refuse(at + "when-away", limit.whenAway() != null, why, at + "shared=true");
    }
    By by = limit.counted();
    if (limit.http()) {
      refuse(
          at + "by",
          by == By.SUBJECT,
          "is subject, which is what code asks for, and this limit is on HTTP requests.",
          at + "http=false");
      if (limit.paths() != null && limit.paths().isEmpty()) {
        throw Setting.wrong(
            at + "paths",
            "is empty, as a variable that is not set makes it, and a limit without paths counts"
                + " every request.",
            "Name some, such as /orders/**, or leave it out to have every request counted.");
      }
    } else {
      String why = "is for HTTP requests, and this limit is for code to ask.";
      refuse(at + "paths", limit.paths() != null, why, at + "http=true");
      refuse(at + "hidden", limit.hidden(), why, at + "http=true");
      refuse(
          at + "by",
          by == By.ADDRESS || by == By.USER,
          "is "
              + by.name().toLowerCase(Locale.ROOT)
              + ", which HTTP requests have, and this limit is for code to ask.",
          at + "by=subject");
    }
  }

  private static void refuse(String property, boolean isSet, String why, String instead) {
    if (isSet) {
      throw Setting.wrong(property, why, "Set " + instead + ", or drop it.");
    }
  }

  /** Those in Redis that are decided on together cannot be decided on differently without it. */
  static void checkTogether(Map<String, LimitProperties> shared) {
    WhenAway first = null;
    for (Map.Entry<String, LimitProperties> each : shared.entrySet()) {
      WhenAway way = Limiters.whenAway(each.getValue());
      if (first != null && way != first) {
        throw Setting.wrong(
            Limiters.AT + each.getKey() + ".when-away",
            "is "
                + way
                + ", and that of another is "
                + first
                + ": shared limits on requests are decided on together ("
                + shared.keySet()
                + ").",
            "Say the same of each of them.");
      }
      first = way;
    }
  }
}
