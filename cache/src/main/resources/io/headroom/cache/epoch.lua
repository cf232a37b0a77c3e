-- Begins a new epoch: what was filled before is stale from now on, or gone.
-- KEYS: control, log, tags
-- ARGV: chance for an epoch, partition, channel, id, kind ('E' stale, 'C' gone), epoch that it is to
--       follow (any: ''), milliseconds that it is to come after: this server's clock may be behind
--       that of the one that a client has seen before,
--       tombstone millis and token, if all is to be gone
-- Returns the epoch and the sequence.
local now = clock()
local c = control(KEYS[1], now, ARGV[1])
if ARGV[6] ~= '' and ARGV[6] ~= c[1] then
  return {c[1], tonumber(c[2])}
end
redis.call('DEL', KEYS[2], KEYS[3]) -- first of all: it passes where memory is full
local after = math.max(now, tonumber(string.sub(c[1], 1, 13)) + 1, tonumber(ARGV[7]) + 1)
local e = new_epoch(after, ARGV[1])
redis.call('HSET', KEYS[1], 'e', e, 's', '0', 'b', c[1] .. c[2])
redis.call('HDEL', KEYS[1], 'f', 'g')
local server = primary()
if server then
  redis.call('HSET', KEYS[1], 'r', server)
end
if ARGV[5] == 'C' then
  redis.call('HSET', KEYS[1], 'c', e,
    'w', with_tombstone(c[6], now, now + tonumber(ARGV[8]), ARGV[9]))
end
c = {e}
return {e, announce(
  KEYS[1], KEYS[2], c, tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], ARGV[9], '', 1)}
