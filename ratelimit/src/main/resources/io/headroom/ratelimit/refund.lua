-- Gives permits back that another bucket's refusal has made useless, less what has flowed in since:
-- so much the bucket may have run over. Nothing where the bucket was written with other settings
-- since, as what it lacks is others' then; nor more than was taken, where the clock is behind.
--   ARGV  permits, when they were taken; cost, inflow, full
local now = micros()
local permits, taken = tonumber(ARGV[1]), tonumber(ARGV[2])
local cost, inflow, full = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local debt, at, other = look(KEYS[1], now, cost, inflow, full)
local back = math.min(debt, permits * cost - math.max(0, at - taken) * inflow)
if back > 0 and other == '' then
  write(KEYS[1], now, debt - back, at, cost, inflow, full)
end
return {now}
