-- Sends a message the way that news go, if this server may be told of invalidations at all.
-- KEYS: one in whose slot it is done. ARGV: channel, message.
redis.call('PEXPIRE', KEYS[1], WEEK) -- there is no such key; refused by a replica
redis.call('PUBLISH', ARGV[1], ARGV[2])
return {1}
