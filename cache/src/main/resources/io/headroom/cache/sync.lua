-- Tells where a partition stands, and what has happened since the reader last knew.
-- KEYS: control, log
-- ARGV: chance for an epoch, epoch and sequence that are known ('' and -1: none), most records,
--       how many partitions the cache has (or '')
-- Returns: epoch, sequence, epoch of the last clear, partitions, epoch and last sequence before this
-- one, the time, and records, the newest first, down to the one with the known sequence itself, by which a
-- reader sees that it is the same history; all that there are of a later epoch than the one that is
-- known, and only the newest one if none is.
local now = clock()
local c = control(KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], WEEK) -- refused by a replica, which nobody is to take for a primary
local partitions = ''
if ARGV[5] ~= '' then
  partitions = redis.call('HGET', KEYS[1], 'p')
  if not (partitions and is_number(partitions)) then
    partitions = ARGV[5]
    redis.call('HSET', KEYS[1], 'p', partitions)
  end
end
local before = redis.call('HGET', KEYS[1], 'b')
if not (before and #before > 19 and #before < 35 and string.find(before, '^%d+$')) then
  before = ''
end
local cleared = c[3] or ''
if cleared == redis.call('HGET', KEYS[1], 'a') or (before == '' and cleared == c[1]) then
  cleared = '' -- it was begun anew: whether anybody has invalidated all keys is not known
end
local answer = {c[1], tonumber(c[2]), cleared, partitions, before, now}
if type(redis.pcall('LLEN', KEYS[2])) == 'table' then -- no list: nothing is known of what was missed
  redis.call('DEL', KEYS[2])
end
local known = tonumber(ARGV[3])
local most = 1
if ARGV[2] ~= '' and c[1] > ARGV[2] then
  most = math.min(tonumber(c[2]), tonumber(ARGV[4]))
elseif c[1] == ARGV[2] and known >= 0 and known <= tonumber(c[2]) then
  most = math.min(tonumber(c[2]) - known + 1, tonumber(ARGV[4]))
end
if most > 0 then
  for _, record in ipairs(redis.call('LRANGE', KEYS[2], 0, most - 1)) do
    answer[#answer + 1] = record
  end
end
return answer
