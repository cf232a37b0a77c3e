package io.headroom.cache;

import java.util.List;

/**
 * What is to be kept in the shared tier.
 *
 * @param bytes the sealed value
 * @param freshMillis how long it is fresh
 * @param keptMillis how long it may be of use, as stale too
 * @param costMicros how long its load took
 * @param tags its tags
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SharedValue(
    byte[] bytes, long freshMillis, long keptMillis, long costMicros, List<String> tags) {}
