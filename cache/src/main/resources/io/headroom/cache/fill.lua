-- Keeps what was loaded, if the lease that it was loaded under is still there.
-- KEYS: control, tags, entry
-- ARGV: version, lease id, fresh millis, keep millis, cost, epoch and sequence at the lease, tags, value
-- Returns 1 if it is kept, 0 if something has happened since.
local now = clock()
local version, id = ARGV[1], ARGV[2]
local c = redis.pcall('HMGET', KEYS[1], 'e', 's', 'c', 'f', 'g')
local f = redis.pcall('HMGET', KEYS[3], 'l' .. version, 'n')
if f.err or not f[1] or string.sub(f[1], 9) ~= id then
  return {0}
end
local since = tonumber(ARGV[7])
if c.err or c[1] ~= ARGV[6]
  or f[2] -- marked, or it has been since the lease was taken
  or outdated(KEYS[2], ARGV[8], since, c) then
  redis.call('HDEL', KEYS[3], 'l' .. version)
  return {0}
end
local header = struct.pack(
  HEADER, 1, now + tonumber(ARGV[3]), since, tonumber(ARGV[5]), ARGV[6], #ARGV[8])
local stored = redis.pcall('HSET', KEYS[3], 'v' .. version, header .. ARGV[8] .. ARGV[9])
redis.call('HDEL', KEYS[3], 'l' .. version)
if type(stored) == 'table' and stored.err then
  return stored
end
keep_for(KEYS[3], tonumber(ARGV[4]))
return {1}
