-- What goes in and what comes out.

local expect = require "jetlua.internal.expect"
local input = require "jetlua.diagnostics.input"
local plot = require "jetlua.plot"
local raise = require "jetlua.internal.raise"
local tensor = require "jetlua.tensor"

local pictures = {}

--- Options that images of a row share: logarithmic shades of one range, or linear ones.
local function shades(where, options)
  local log = options.logz == nil or expect.boolean(where, "logz", options.logz)
  return log, expect.range(where, "range", options.range) or log and { 1e-5, 0.1 } or nil
end

local function dense(rows)
  local sparse, full = pcall(function() return rows:todense() end)
  return sparse and full or rows
end

--- Pictures of jets, of what the model makes of them (the decoder at the posterior mean), and of the absolute difference, a row each.
---
---     images = jets.sample():take(20):images()
---     diagnostics.reconstructions(models.DirichletVAE{input = 1600, hidden = {8}}, images, {jets = {3, 7}}) --> plot.grid, 6 panels…
---@param model any with encode(x) and decode(z)
---@param x any images, a tensor `[N, pixels]` or sparse rows
---@param options? { jets: integer[]|nil, shape: integer[]|nil, range: number[]|nil, logz: boolean|nil, names: string[]|nil }
--- jets {1, 2, 3}, by position; shape a square; range {1e-5, 0.1} of logarithmic shades
---@return plot.Figure figure, tensor errors the summed squared difference of each jet
function pictures.reconstructions(model, x, options)
  local where = "diagnostics.reconstructions"
  options = expect.options(where, options, { "jets", "shape", "range", "logz", "names" })
  input.check(where, model, "encode", "decode")
  local rows = input.rows(x)
  local count = rows:size(1)
  local wanted = options.jets or { 1, 2, 3 }
  if type(wanted) ~= "table" or #wanted == 0 then expect.wrong(where, "jets", "a list of positions", wanted) end
  local places = {}
  for i, place in ipairs(wanted) do
    places[i] = expect.number(where, ("jets[%d]"):format(i), place, { integer = true, min = 1, max = count })
  end
  local chosen = rows:index_select(1, tensor(places, { dtype = "int64" }))
  local output
  tensor.no_grad(function() output = model:decode((model:encode(chosen))):detach() end)
  local given = dense(chosen):to(output.dtype)
  if output:dim() ~= 2 or output:size(2) ~= given:size(2) then
    raise("%s: model: expected decode to give [N, %d], got {%s}", where, given:size(2), table.concat(output.shape, ", "))
  end
  local height, width = input.shape(where, options.shape, given:size(2))
  local log, range = shades(where, options)
  local difference = (output - given):abs()
  if not range then range = { 0, math.max(given:max():item(), output:max():item()) } end
  local figures = {}
  for i, place in ipairs(places) do
    for _, part in ipairs { { given, "input" }, { output, "output" }, { difference, "|difference|" } } do
      local name = options.names and options.names[i] or "jet " .. place
      local title = i == 1 and ("%s: %s"):format(name, part[2]) or part[2] == "input" and name or nil
      figures[#figures + 1] = plot.image(part[1]:select(1, i):reshape(height, width), { title = title, logz = log, range = range })
    end
  end
  return plot.grid(figures, { columns = 3 }), difference:square():sum(2)
end

--- Pictures that the decoder makes along a straight line in the latent space from `from` to `to`.
---
---     model = models.DirichletVAE{input = 1600, hidden = {8}}
---     diagnostics.walk(model, {-2, 2}, {2, -2}, {n = 4}) --> plot.grid, 4 panels…
---@param model any with decode(z)
---@param from number[]
---@param to number[]
---@param options? { n: integer|nil, shape: integer[]|nil, range: number[]|nil, logz: boolean|nil, columns: integer|nil }
--- n 5 points; shape a square; range {1e-5, 0.1} of logarithmic shades
---@return plot.Figure figure, tensor images `[n, pixels]`
function pictures.walk(model, from, to, options)
  local where = "diagnostics.walk"
  options = expect.options(where, options, { "n", "shape", "range", "logz", "columns" })
  input.check(where, model, "decode")
  local n = expect.number(where, "n", options.n == nil and 5 or options.n, { integer = true, min = 2, max = 100 })
  for name, point in pairs { from = from, to = to } do
    if type(point) ~= "table" or #point == 0 or #point ~= #from then expect.wrong(where, name, "a point {z_1, z_2, …}, as long as the other", point) end
    for i, z in ipairs(point) do expect.number(where, ("%s[%d]"):format(name, i), z) end
  end
  local points, titles = {}, {}
  for i = 1, n do
    points[i] = {}
    local share = (i - 1) / (n - 1)
    local shown = {}
    for d = 1, #from do
      points[i][d] = from[d] + share * (to[d] - from[d])
      shown[d] = ("%.3g"):format(points[i][d])
    end
    titles[i] = "z = " .. (#from <= 3 and "(" .. table.concat(shown, ", ") .. ")" or ("point %d"):format(i))
  end
  local images
  tensor.no_grad(function() images = model:decode(tensor(points)):detach() end)
  local height, width = input.shape(where, options.shape, images:size(2))
  local log, range = shades(where, options)
  if not range then range = { math.min(0, images:min():item()), images:max():item() } end
  local figures = {}
  for i = 1, n do figures[i] = plot.image(images:select(1, i):reshape(height, width), { title = titles[i], logz = log, range = range }) end
  return plot.grid(figures, { columns = options.columns or math.min(n, 5) }), images
end

return pictures
