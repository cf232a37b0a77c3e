local function amount()
  return tonumber(ARGV[1])
end
