-- What all scripts share; it stands before each of them.
--
-- Of each partition there are a control hash, a log and tags, and a hash for each entry, all in
-- one slot of a cluster:
--   {profile:07}      e  epoch, 19 digits that grow
--                     s  sequence, the number of invalidations in this epoch
--                     c  epoch of the last clear: what is older is gone, not only stale
--                     a  the epoch that began because nothing was there, which nobody has cleared
--                     f  tags that were invalidated up to this sequence are forgotten
--                     g  sequence of the last invalidation of a tag
--                     p  how many partitions the cache has (in the first one)
--                     r  whose numbers these are: the primary's replication id
--                     w  tombstones, of tags and of a clear: loads of any key are to see that
--                     b  epoch and last sequence before this one, as far as this server had them
--   {profile:07}log   the last invalidations, the newest first
--   {profile:07}tags  when each tag was last invalidated, as a sequence
--   {profile:07}:42   v<version>  header, tags and value
--                     l<version>  lease: until when, whose
--                     t           tombstones: until when, what a load is to see at least
--                     n           no-fill markers: until when, whose, once or more
-- Times are milliseconds of this server's clock, so that no client's matters.

-- layout, fresh until, sequence at the lease, cost in microseconds, epoch, length of the tags
local HEADER = '>BddI4c19I2'
local HEADER_BYTES = 42
local WEEK = 604800000
local LONGEST = 2 * 365 * 86400000 -- beyond what any builder allows

local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Later epochs are greater, as text too: time, then chance.
local function new_epoch(now, chance)
  return string.format('%013.0f%s', now, chance)
end

local function is_number(text)
  return #text <= 15 and string.find(text, '^%d+$')
end

-- Epoch, sequence, and the control hash's c, f, g and w. One that nobody can read is begun anew: what
-- was filled before is gone, since it may have been invalidated with all keys.
local function control(key, now, chance)
  local c = redis.pcall('HMGET', key, 'e', 's', 'c', 'f', 'g', 'w')
  local sound = not c.err and c[1] and #c[1] == 19 and string.find(c[1], '^[0-8]%d+$')
    and c[2] and is_number(c[2])
    and not (c[4] and not is_number(c[4])) and not (c[5] and not is_number(c[5]))
  if not sound then
    redis.call('DEL', key)
    local e = new_epoch(now, chance)
    c = {e, '0', e, false, false, false}
    redis.call('HSET', key, 'e', e, 's', '0', 'c', e, 'a', e)
    redis.call('PEXPIRE', key, WEEK)
  end
  return c
end

-- Whether a lease, tombstone or marker still counts, which begins with its end.
local function lasts(field, now)
  local till = #field >= 8 and struct.unpack('>d', field)
  return till and till > now and till < now + LONGEST
end

-- The markers that still count, as they stand in the entry, without the one that is done.
local function markers(field, now, done)
  local left = ''
  if field then
    for i = 1, #field - 15, 16 do
      local marker = string.sub(field, i, i + 15)
      if lasts(marker, now) and string.sub(marker, 9) ~= done then
        left = left .. marker
      end
    end
  end
  return left
end

local MOST_TOMBSTONES = 8

-- The tombstones that still count, as {until when, token}; where there are too many, the one whose
-- token is empty stands for all: nobody knows what a load is to see.
local function tombstones(field, now)
  local all = {}
  local at = 1
  while field and at + 9 < #field + 1 do
    local till, length = struct.unpack('>dI2', field, at)
    local token = string.sub(field, at + 10, at + 9 + length)
    if till > now and till < now + LONGEST and #token == length then
      all[#all + 1] = {till, token}
    end
    at = at + 10 + length
  end
  return all
end

-- With one more.
local function with_tombstone(field, now, till, token)
  local all = tombstones(field, now)
  local packed = struct.pack('>dI2', till, #token) .. token
  if #all >= MOST_TOMBSTONES then
    return struct.pack('>dI2', till, 0)
  end
  for _, known in ipairs(all) do
    if known[2] ~= token then
      packed = packed .. struct.pack('>dI2', known[1], #known[2]) .. known[2]
    end
  end
  return packed
end

local function keep_for(key, millis)
  if redis.call('PTTL', key) < millis then
    redis.call('PEXPIRE', key, millis)
  end
end

-- A transaction that marked this entry has not said how it ended: all goes but the tombstone. The
-- key's own expiry does that too, if nobody comes in the very millisecond between.
local function went_with_marker(key, marker, stone, now)
  if not marker or #markers(marker, now, '') > 0 then
    return false
  end
  redis.call('DEL', key)
  if stone and lasts(stone, now) then
    redis.call('HSET', key, 't', stone)
    keep_for(key, math.ceil(struct.unpack('>d', stone) - now))
  end
  return true
end

-- Whether one of the tags was invalidated after that sequence, as far as anybody knows: the tags
-- are a key of their own, which Redis may evict.
local function outdated(tags_key, tags, since, c)
  local forgotten, last = c[4], c[5]
  if #tags == 0 or not last or since >= tonumber(last) then
    return false
  end
  if forgotten and since < tonumber(forgotten) then
    return true
  end
  local known = redis.pcall('ZCARD', tags_key)
  if type(known) == 'table' or known == 0 then
    return true
  end
  for tag in string.gmatch(tags, '[^%z]+') do
    local at = redis.call('ZSCORE', tags_key, tag)
    if at and tonumber(at) > since then
      return true
    end
  end
  return false
end

-- Counts an invalidation, notes it and tells everybody; the first thing that a script does before
-- is a DEL, which passes where memory is full, and what follows it in one script passes too.
local function announce(
  control_key, log_key, c, partition, channel, id, kind, token, subject, most)
  local s = redis.call('HINCRBY', control_key, 's', 1)
  redis.call('PEXPIRE', control_key, WEEK)
  local record = struct.pack('>dc16c1I2', s, id, kind, #token) .. token .. subject
  local noted = redis.pcall('LPUSH', log_key, record)
  if type(noted) == 'table' then -- it is no list: whoever has missed something sees that it is gone
    redis.call('DEL', log_key)
    redis.call('LPUSH', log_key, record)
  end
  redis.call('LTRIM', log_key, 0, most - 1)
  redis.call('PEXPIRE', log_key, WEEK)
  redis.call('PUBLISH', channel, struct.pack('>I2c19', partition, c[1]) .. record)
  return s
end

-- The primary's replication id, which changes when another server takes over; false if it is not
-- to be had.
local function primary()
  local info = redis.pcall('INFO', 'replication')
  return type(info) == 'string' and string.match(info, 'master_replid:(%x+)') or false
end

-- A server that has taken over may lack the last invalidations, and would give their numbers out
-- again, to those who know them: it begins a new epoch instead, on nobody's behalf. After a DEL.
local function own_history(control_key, log_key, tags_key, c, now, chance, partition, channel, id)
  local server = primary()
  local known = redis.call('HGET', control_key, 'r')
  if not server or known == server then
    return c
  end
  redis.call('HSET', control_key, 'r', server)
  if not known then
    return c
  end
  redis.call('DEL', log_key, tags_key)
  local e = new_epoch(math.max(now, tonumber(string.sub(c[1], 1, 13)) + 1), chance)
  redis.call('HSET', control_key, 'e', e, 's', '0', 'b', c[1] .. c[2])
  redis.call('HDEL', control_key, 'f', 'g')
  local begun = {e, '0', c[3], false, false, c[6]}
  local nobody = string.sub(id, 1, 8) .. string.rep(string.char(0), 8)
  announce(control_key, log_key, begun, partition, channel, nobody, 'E', '', '', 1)
  return begun
end
