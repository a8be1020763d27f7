-- Points that fill a cube evenly: Sobol', USSR Comput. Math. Math. Phys. 7 (1967) 86, in the order of Antonov and Saleev, with the
-- direction numbers new-joe-kuo-6 of Joe and Kuo, SIAM J. Sci. Comput. 30 (2008) 2635.

local raise = require "jetlua.internal.raise"

local bits = 30

-- For the second dimension on: the primitive polynomial with all its coefficients as bits, then the first direction numbers.
local table_of_joe_and_kuo = {
  { 3, 1 },
  { 7, 1, 3 },
  { 11, 1, 3, 1 },
  { 13, 1, 1, 1 },
  { 19, 1, 1, 3, 3 },
  { 25, 1, 3, 5, 13 },
  { 37, 1, 1, 5, 5, 17 },
  { 41, 1, 1, 5, 5, 5 },
  { 47, 1, 1, 7, 11, 19 },
  { 55, 1, 1, 5, 1, 1 },
  { 59, 1, 1, 1, 3, 11 },
  { 61, 1, 3, 5, 5, 31 },
  { 67, 1, 3, 3, 9, 7, 49 },
  { 91, 1, 1, 1, 15, 21, 21 },
  { 97, 1, 3, 1, 13, 27, 49 },
  { 103, 1, 1, 1, 15, 7, 5 },
  { 109, 1, 3, 1, 15, 13, 25 },
  { 115, 1, 1, 5, 5, 19, 61 },
  { 131, 1, 3, 7, 11, 23, 15, 103 },
  { 137, 1, 3, 7, 13, 13, 15, 69 },
}

--- The direction numbers v(1) … v(30) of a dimension, as integers below 2^30.
local function directions(dimension)
  local v = {}
  if dimension == 1 then
    for k = 1, bits do v[k] = 1 << (bits - k) end
    return v
  end
  local entry = table_of_joe_and_kuo[dimension - 1]
  local polynomial, degree = entry[1], #entry - 1
  for k = 1, degree do v[k] = entry[k + 1] << (bits - k) end
  for k = degree + 1, bits do
    local value = v[k - degree] ~ (v[k - degree] >> degree)
    for j = 1, degree - 1 do
      if (polynomial >> (degree - j)) & 1 == 1 then value = value ~ v[k - j] end
    end
    v[k] = value
  end
  return v
end

local sobol = { dimensions = #table_of_joe_and_kuo + 1 }

--- The first `n` points of the sequence in `dimensions` dimensions (at most 21), each a list of numbers in [0, 1). The first one is
--- the corner 0; numbers of points that are powers of two fill the cube evenly.
---@param n integer
---@param dimensions integer
---@return number[][]
function sobol.points(n, dimensions)
  if dimensions > sobol.dimensions then
    raise("sweep: sobol: expected at most %d hyperparameters, got %d; take the strategy random", sobol.dimensions, dimensions)
  end
  local v, state, points = {}, {}, {}
  for d = 1, dimensions do v[d], state[d] = directions(d), 0 end
  for i = 0, n - 1 do
    local point = {}
    for d = 1, dimensions do point[d] = state[d] / (1 << bits) end
    points[i + 1] = point
    local lowest, rest = 1, i
    while rest & 1 == 1 do lowest, rest = lowest + 1, rest >> 1 end
    for d = 1, dimensions do state[d] = state[d] ~ v[d][lowest] end
  end
  return points
end

return sobol
