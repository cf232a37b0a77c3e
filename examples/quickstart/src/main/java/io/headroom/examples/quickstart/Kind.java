package io.headroom.examples.quickstart;

/** What a user comes for, and how many of a hundred do. */
enum Kind {
  POINT_READ("GET a user and the number of its orders", 35),
  PAGE("GET a page of 5 profiles, from the cache", 50),
  CHANGE("PUT one's profile, and GET it elsewhere", 5),
  ORDER("POST an order, and GET one's orders elsewhere", 8),
  NEWEST("GET the newest 20 orders, of all shards", 2);

  final String title;
  final int percent;

  Kind(String title, int percent) {
    this.title = title;
    this.percent = percent;
  }

  static Kind drawn(int of100) {
    int upTo = 0;
    for (Kind kind : values()) {
      upTo += kind.percent;
      if (of100 < upTo) {
        return kind;
      }
    }
    throw new AssertionError("the percentages add up to 100");
  }

  /** How many requests come of a visit, on average: who changes something looks at it. */
  static double requestsPerVisit() {
    return 1 + (CHANGE.percent + ORDER.percent) / 100.0;
  }
}
