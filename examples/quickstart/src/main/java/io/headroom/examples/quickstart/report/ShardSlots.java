package io.headroom.examples.quickstart.report;

/**
 * What one shard owns and holds.
 *
 * @param shard its name
 * @param slots slots of the map that are its own
 * @param users users that it holds
 * @param share its users by as many as its slots should hold: 1 if just these
 */
public record ShardSlots(String shard, int slots, long users, double share) {}
