/** Core of Headroom: one of everything that its libraries share. */
module io.headroom.core {
  requires transitive org.jspecify;

  exports io.headroom;
}
