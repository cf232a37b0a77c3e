-- Counts the processes that a limiter has.
--   KEYS  a sorted set of them, by when they were last seen
--   ARGV  which this is, for how many microseconds it counts; 0 if it ends
local now = micros()
local counts = tonumber(ARGV[2])
if counts == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], now, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now - counts))
  redis.call('ZREMRANGEBYSCORE', KEYS[1], string.format('(%.0f', now + counts), '+inf')
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', counts / 1000))
end
return {redis.call('ZCARD', KEYS[1])}
