-- Forgets an entry in all its versions, with every lease; leaves a tombstone beside those of
-- others, and the markers of transactions that have not ended. With a value, puts that in its place.
-- KEYS: control, log, entry, tags
-- ARGV: chance for an epoch, partition, channel, id, kind, subject, length of the log,
--       tombstone millis, token, marker that is done,
--       and for a value: version, fresh millis, keep millis, tags, value
-- Returns the epoch and the sequence.
local now = clock()
local f = redis.pcall('HMGET', KEYS[3], 'n', 't')
local left = not f.err and markers(f[1], now, ARGV[10]) or ''
local before = not f.err and f[2]
local room = ARGV[15] and redis.pcall('HSET', KEYS[3], 'v' .. ARGV[11], '')
local full = type(room) == 'table' and string.find(room.err, 'OOM', 1, true)
redis.call('DEL', KEYS[3])
local c = control(KEYS[1], now, ARGV[1])
c = own_history(KEYS[1], KEYS[2], KEYS[4], c, now, ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4])
local s = announce(
  KEYS[1], KEYS[2], c, tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], ARGV[9], ARGV[6],
  tonumber(ARGV[7]))

local tombstone = tonumber(ARGV[8])
redis.call('HSET', KEYS[3], 't', with_tombstone(before, now, now + tombstone, ARGV[9]))
keep_for(KEYS[3], tombstone)
if #left > 0 then
  redis.call('HSET', KEYS[3], 'n', left)
  for i = 1, #left, 16 do
    keep_for(KEYS[3], math.ceil(struct.unpack('>d', left, i) - now))
  end
elseif ARGV[15] and not full then -- a DEL lets all pass that follows it: ask before
  local header = struct.pack(HEADER, 1, now + tonumber(ARGV[12]), s, 0, c[1], #ARGV[14])
  redis.call('HSET', KEYS[3], 'v' .. ARGV[11], header .. ARGV[14] .. ARGV[15])
  keep_for(KEYS[3], tonumber(ARGV[13]))
end
return {c[1], s}
