-- A transaction is about to change what this entry holds: nothing is filled until it has ended, and
-- should nobody say that it has, everything goes when the last marker does.
-- KEYS: entry. ARGV: marker id, millis.
local now = clock()
local last = now + tonumber(ARGV[2])
local f = redis.pcall('HMGET', KEYS[1], 'n', 't')
if f.err then
  redis.call('DEL', KEYS[1])
  f = {false, false}
end
went_with_marker(KEYS[1], f[1], f[2], now)
local left = markers(f[1], now, ARGV[1])
for i = 1, #left, 16 do
  last = math.max(last, struct.unpack('>d', left, i))
end
local stone = f[2] and lasts(f[2], now) and struct.unpack('>d', f[2]) > last and f[2]
redis.call('HDEL', KEYS[1], 'n') -- passes where memory is full, and so does what follows
if stone then -- it stays for longer than a value may
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 't', stone)
end
redis.call('HSET', KEYS[1], 'n', left .. struct.pack('>d', now + tonumber(ARGV[2])) .. ARGV[1])
redis.call('PEXPIRE', KEYS[1], (stone and struct.unpack('>d', stone) or last) - now)
return {1}
