package io.headroom.cache;

/**
 * What a load has come to.
 *
 * @param entry what is known of the key
 * @param from where that came from
 */
record Answer<V>(Entry<V> entry, Served from) {}
