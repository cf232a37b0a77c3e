package io.headroom.examples.quickstart.report;

/**
 * What one shard owns and holds.
 *
 * @param shard its name
 * @param slots slots of the map that are its own
 * @param users users that it holds
 * @param share the part of all users that it holds, from 0 to 1
 */
public record ShardSlots(String shard, int slots, long users, double share) {}
