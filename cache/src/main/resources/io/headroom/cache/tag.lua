-- Makes everything in this partition that has a tag and was loaded before now count for nothing.
-- KEYS: control, log, tags
-- ARGV: chance for an epoch, partition, channel, id, kind, tag, length of the log, most tags,
--       tombstone millis, token
-- Returns the epoch and the sequence.
local now = clock()
local known = redis.pcall('ZCARD', KEYS[3])
if type(known) == 'table' then
  redis.call('DEL', KEYS[3])
  known = 0
end
redis.call('ZREM', KEYS[3], ARGV[6]) -- passes where memory is full, and so does what follows
local c = control(KEYS[1], now, ARGV[1])
c = own_history(KEYS[1], KEYS[2], KEYS[3], c, now, ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4])
local s = announce(
  KEYS[1], KEYS[2], c, tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], ARGV[10], ARGV[6],
  tonumber(ARGV[7]))
redis.call('HSET', KEYS[1], 'g', s,
  'w', with_tombstone(c[6], now, now + tonumber(ARGV[9]), ARGV[10]))
redis.call('ZADD', KEYS[3], s, ARGV[6])
local over = redis.call('ZCARD', KEYS[3]) - tonumber(ARGV[8])
if over > 0 then
  local oldest = redis.call('ZRANGE', KEYS[3], 0, over - 1, 'WITHSCORES')
  redis.call('HSET', KEYS[1], 'f', oldest[#oldest])
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, over - 1)
elseif c[5] and known == 0 then -- evicted, say
  redis.call('HSET', KEYS[1], 'f', c[5])
end
redis.call('PEXPIRE', KEYS[3], WEEK)
return {c[1], s}
