-- Takes permits for one caller after the other, each from all buckets or from none.
--   ARGV  how many callers, what each asks for, and cost, inflow and full of each bucket
-- Answers with the clock, and for each bucket: what it lacked before, when that was, and how it was
-- written if with other settings. From these, who is admitted follows by the same sums elsewhere.
local now = micros()
local callers = tonumber(ARGV[1])
local debts, ats, costs, inflows, fulls = {}, {}, {}, {}, {}
local answer = {now}
for i = 1, #KEYS do
  local settings = callers + 3 * i
  costs[i] = tonumber(ARGV[settings - 1])
  inflows[i] = tonumber(ARGV[settings])
  fulls[i] = tonumber(ARGV[settings + 1])
  local other
  debts[i], ats[i], other = look(KEYS[i], now, costs[i], inflows[i], fulls[i])
  answer[3 * i - 1] = debts[i]
  answer[3 * i] = ats[i]
  answer[3 * i + 1] = other
end
local changed = false
for caller = 1, callers do
  local permits = tonumber(ARGV[caller + 1])
  local fits = true
  for i = 1, #KEYS do
    fits = fits and debts[i] + permits * costs[i] <= fulls[i]
  end
  if fits then
    changed = true
    for i = 1, #KEYS do
      debts[i] = debts[i] + permits * costs[i]
    end
  end
end
if changed then
  for i = 1, #KEYS do
    write(KEYS[i], now, debts[i], ats[i], costs[i], inflows[i], fulls[i])
  end
end
return answer
