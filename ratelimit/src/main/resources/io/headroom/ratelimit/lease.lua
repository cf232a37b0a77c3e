-- Takes permits ahead, for one process to give out.
--   ARGV  the least that is of use, the most that is wanted, between how many processes what is
--         left is to be shared; cost, inflow, full
-- Answers with the clock, how many it is, and what the bucket lacks then, when that is, and how it
-- was written if with other settings.
local now = micros()
local least, most, sharers = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local cost, inflow, full = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local debt, at, other = look(KEYS[1], now, cost, inflow, full)
local left = math.floor((full - debt) / cost)
local permits = 0
if left >= least then
  permits = math.min(most, math.max(least, math.floor(left / sharers)))
  debt = debt + permits * cost
  write(KEYS[1], now, debt, at, cost, inflow, full)
end
return {now, permits, debt, at, other}
