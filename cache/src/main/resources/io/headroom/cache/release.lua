-- Gives a lease back without a value.
-- KEYS: entry. ARGV: version, lease id. Returns 1 if it was there.
local lease = redis.pcall('HGET', KEYS[1], 'l' .. ARGV[1])
if type(lease) == 'string' and string.sub(lease, 9) == ARGV[2] then
  return {redis.call('HDEL', KEYS[1], 'l' .. ARGV[1])}
end
return {0}
