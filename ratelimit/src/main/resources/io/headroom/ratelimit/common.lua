-- What all scripts share; it stands before each of them.
--
-- A bucket is a string of five whole numbers:
--   debt    units that it lacked when it was written
--   at      when that was: microseconds of this server's clock, or of one that was ahead of it
--   cost    units that a permit costs
--   inflow  units that flow in per microsecond
--   full    units of a full bucket
-- All are below 2^53, so that the arithmetic of scripts is exact. A bucket that is not there is
-- full; each expires once it is. Times are by this server's clock, so that no client's matters.

local PATTERN = '^(%d+) (%d+) (%d+) (%d+) (%d+)$'
local MOST = 2 ^ 53
local SLACK = 1000 -- milliseconds that a full bucket stays

local function micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- What a bucket lacks now; when that is, which is later where the clock was set back; and how it
-- was written, if that was with other settings: then it lacks as many permits as it did, rounded
-- up, but no more than it now holds.
local function look(key, now, cost, inflow, full)
  local state = redis.call('GET', key)
  if not state then
    return 0, now, ''
  end
  local debt, at, was, flow, most = string.match(state, PATTERN)
  debt, at, was, flow, most = tonumber(debt), tonumber(at), tonumber(was), tonumber(flow), tonumber(most)
  if not debt or was == 0 or debt > most or math.max(at, was, flow, most) > MOST then
    error('HEADROOM ' .. key .. ' is no bucket of a rate limit')
  end
  if now > at then
    debt = math.max(0, debt - (now - at) * flow)
    at = now
  end
  if was == cost and flow == inflow and most == full then
    return debt, at, ''
  end
  if was == cost then
    return math.min(debt, full), at, state
  end
  local whole = math.floor(debt / was)
  local rest = debt - whole * was
  debt = whole * cost
  if rest > 0 then
    debt = debt + math.min(cost, math.ceil(rest / was * cost) + 1)
  end
  return math.min(debt, full), at, state
end

local function write(key, now, debt, at, cost, inflow, full)
  local state = string.format('%.0f %.0f %.0f %.0f %.0f', debt, at, cost, inflow, full)
  local millis = math.ceil((debt / inflow + at - now) / 1000) + SLACK
  redis.call('SET', key, state, 'PX', string.format('%.0f', millis))
end

