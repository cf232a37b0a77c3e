-- Reads entries of one partition, and takes the lease of those that are to be loaded.
-- KEYS: control, tags, entries...
-- ARGV: version, lease id (none: ''), lease millis, draw in thousandths (below 0: the lease even of what is fresh),
--       chance for an epoch
-- Returns: epoch, sequence, and for each entry six values:
--   state (0 missing, 1 fresh, 2 stale, 3 no value of ours)
--     + 10 * lease (0 not wanted, 1 taken, 2 held by another, 3 not to be had),
--   how many millis it is still fresh, cost, its sequence, value, tombstone (tokens with
--   a space between; empty if nobody knows what a load is to see).
local now = clock()
local version, id, lease_millis, draw = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]) / 1000
local c = control(KEYS[1], now, ARGV[5])
local answer = {c[1], tonumber(c[2])}

-- What is to be seen by one who is to see both.
local function both(one, other)
  if not one then
    return other
  end
  return (one == '' or other == '') and '' or one .. ' ' .. other
end

local of_all = {}
for _, known in ipairs(tombstones(c[6], now)) do
  of_all[#of_all + 1] = known[2]
end

for i = 3, #KEYS do
  local key = KEYS[i]
  local f = redis.pcall('HMGET', key, 'v' .. version, 'l' .. version, 't', 'n')
  local state, millis, cost, since, value = 0, 0, 0, 0, false
  if f.err then
    redis.call('DEL', key)
    f = {false, false, false, false}
    state = 3
  end
  if went_with_marker(key, f[4], f[3], now) then
    f = {false, false, f[3], false}
  end
  local v, lease, stone = f[1], f[2], false
  local marked = f[4]

  if v then
    local layout = string.byte(v, 1)
    local x, q, d, e, length
    if #v >= HEADER_BYTES and layout == 1 then
      layout, x, q, d, e, length = struct.unpack(HEADER, v)
    end
    if not (x and x > 0 and x < 1e15 and q >= 0 and q < 1e15 and #v >= HEADER_BYTES + length) then
      state = 3
    elseif not (c[3] and e < c[3]) then
      local tags = string.sub(v, HEADER_BYTES + 1, HEADER_BYTES + length)
      if e ~= c[1] then
        state = #tags == 0 and 2 or 0 -- whether its tags were invalidated, nobody knows any more
        millis = math.min(0, x - now)
        q = -1
      elseif not outdated(KEYS[2], tags, q, c) then
        millis = x - now
        state = millis > 0 and 1 or 2
      end
      if state > 0 then
        value, cost, since = string.sub(v, HEADER_BYTES + length + 1), d, q
        if marked and state == 1 then
          millis = math.min(millis, redis.call('PTTL', key))
        end
      end
    end
  end

  for _, known in ipairs(tombstones(f[3], now)) do
    stone = both(stone, known[2])
  end
  for _, token in ipairs(of_all) do
    stone = both(stone, token)
  end

  local lent = 0
  if id ~= '' and (state ~= 1 or draw < 0 or draw * cost >= millis * 1000) then
    if marked then
      lent = 3
    elseif lease and #lease == 16 and lasts(lease, now) then
      lent = 2
    else
      local taken = redis.pcall(
        'HSET', key, 'l' .. version, struct.pack('>d', now + lease_millis) .. id)
      if type(taken) == 'table' and taken.err then
        lent = 3
      else
        keep_for(key, lease_millis)
        lent = 1
      end
    end
  end

  local n = #answer
  answer[n + 1] = state + 10 * lent
  answer[n + 2] = millis
  answer[n + 3] = cost
  answer[n + 4] = since
  answer[n + 5] = value
  answer[n + 6] = stone
end
return answer
