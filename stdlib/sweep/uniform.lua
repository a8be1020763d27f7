-- Random numbers of a sweep's own: the same for a seed and a place whatever else draws numbers, and whatever was drawn before.

local uniform = {}

-- SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
local function mix(z)
  z = (z ~ (z >> 30)) * 0xBF58476D1CE4E5B9
  z = (z ~ (z >> 27)) * 0x94D049BB133111EB
  return z ~ (z >> 31)
end

--- A function that gives numbers in [0, 1), determined by `seed` and `place`.
---@param seed integer
---@param place integer
---@return fun(): number
function uniform.stream(seed, place)
  local state = mix(mix(seed) + place)
  return function()
    state = state + 0x9E3779B97F4A7C15
    return (mix(state) >> 11) * (1 / (1 << 53))
  end
end

--- Two numbers from `draw` made one of a standard Gaussian (Box and Muller).
---@param draw fun(): number
---@return number
function uniform.gaussian(draw)
  local radius = math.sqrt(-2 * math.log(1 - draw()))
  return radius * math.cos(2 * math.pi * draw())
end

return uniform
