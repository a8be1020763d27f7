-- What a Dirichlet-VAE draws at the points of its simplex (arXiv:2104.08291, figures 8, 10, 12, 13).

local expect = require "jetlua.internal.expect"
local input = require "jetlua.diagnostics.input"
local plot = require "jetlua.plot"
local raise = require "jetlua.internal.raise"
local tensor = require "jetlua.tensor"

local simplex = {}

local function generated(model, points)
  local images
  tensor.no_grad(function() images = model:generate(tensor(points)):detach() end)
  return images
end

local function mixture_count(model)
  local mixtures = model:mixtures()
  return mixtures:size(1), mixtures:size(2)
end

local function numbers(point)
  local shown = {}
  for i, r in ipairs(point) do shown[i] = ("%.3g"):format(r) end
  return "(" .. table.concat(shown, ", ") .. ")"
end

--- The mixture images, and between them their product of experts: at a point r of the simplex the model's image is proportional to the
--- product of the mixture images to the powers r_i, not to their sum. With two mixtures five points from one to the other, with more
--- the corners and the middle, or the `points` given.
---
---     diagnostics.mixtures(models.DirichletVAE{input = 1600, hidden = {8}}) --> plot.grid, 5 panels…
---@param model models.DirichletVAE
---@param options? { points: number[][]|nil, shape: integer[]|nil, range: number[]|nil, columns: integer|nil }
--- shape a square; range {1e-5, 0.1} of logarithmic shades
---@return plot.Figure figure, tensor images `[points, pixels]`
function simplex.mixtures(model, options)
  local where = "diagnostics.mixtures"
  options = expect.options(where, options, { "points", "shape", "range", "columns" })
  input.check(where, model, "mixtures", "generate")
  local count, pixels = mixture_count(model)
  local points = options.points
  if points == nil then
    points = {}
    if count == 2 then
      for i = 0, 4 do points[i + 1] = { 1 - i / 4, i / 4 } end
    else
      for i = 1, count + 1 do
        points[i] = {}
        for j = 1, count do points[i][j] = i > count and 1 / count or i == j and 1 or 0 end
      end
    end
  end
  if type(points) ~= "table" or type(points[1]) ~= "table" then expect.wrong(where, "points", "a list of points {r_1, r_2, …}", points) end
  local height, width = input.shape(where, options.shape, pixels)
  local images, figures = generated(model, points), {}
  for i, point in ipairs(points) do
    figures[i] = plot.image(images:select(1, i):reshape(height, width),
      { title = i > count and count > 2 and options.points == nil and "the middle" or "r = " .. numbers(point), logz = true, range = options.range or { 1e-5, 0.1 } })
  end
  return plot.grid(figures, { columns = options.columns or math.min(5, #figures) }), images
end

--- The points of a regular grid on the triangle of three weights with `steps` steps along each side, row by row from r_3 = 0 up:
--- (steps + 1)(steps + 2)/2 points.
---
---     diagnostics.simplex_grid(2).shape --> {6, 3}
---@param steps integer from 1
---@return tensor points `[n, 3]`
function simplex.grid(steps)
  steps = expect.number("diagnostics.simplex_grid", "steps", steps, { integer = true, min = 1, max = 100 })
  local points = {}
  for k = 0, steps do
    for j = 0, steps - k do points[#points + 1] = { (steps - k - j) / steps, j / steps, k / steps } end
  end
  return tensor(points)
end

--- Jets generated at the points of a grid on the triangle, each at its place: r_1 = 1 lower left, r_2 = 1 lower right, r_3 = 1 on top.
---
---     model = models.DirichletVAE{input = 1600, hidden = {8}, alpha = {1, 0.25, 0.1}}
---     diagnostics.simplex_pictures(model, {steps = 2}) --> plot.image…
---@param model models.DirichletVAE of at least three mixtures
---@param options? { steps: integer|nil, corners: integer[]|nil, shape: integer[]|nil, range: number[]|nil, title: string|nil }
--- steps 4; corners {1, 2, 3}, which mixtures; shape a square; range {1e-5, 0.1} of logarithmic shades
---@return plot.Figure figure, tensor images `[points, pixels]`
function simplex.pictures(model, options)
  local where = "diagnostics.simplex_pictures"
  options = expect.options(where, options, { "steps", "corners", "shape", "range", "title" })
  input.check(where, model, "mixtures", "generate")
  local count, pixels = mixture_count(model)
  local steps = expect.number(where, "steps", options.steps == nil and 4 or options.steps, { integer = true, min = 1, max = 12 })
  local corners = options.corners or { 1, 2, 3 }
  if count < 3 then raise("%s: model: expected at least three mixtures, got %d; diagnostics.mixtures draws two", where, count) end
  if type(corners) ~= "table" or #corners ~= 3 then expect.wrong(where, "corners", "three mixtures", corners) end
  for i, corner in ipairs(corners) do
    expect.number(where, ("corners[%d]"):format(i), corner, { integer = true, min = 1, max = count })
    for j = 1, i - 1 do
      if corners[j] == corner then raise("%s: corners: expected three different mixtures, got %d twice", where, corner) end
    end
  end
  local height, width = input.shape(where, options.shape, pixels)
  local grid, points = simplex.grid(steps):totable(), {}
  for i, weights in ipairs(grid) do
    points[i] = {}
    for j = 1, count do points[i][j] = 0 end
    for j, corner in ipairs(corners) do points[i][corner] = weights[j] end
  end
  local images = generated(model, points)
  local gap = math.max(1, width // 10)
  local canvas = tensor.zeros((steps + 1) * (height + gap) - gap, (steps + 1) * (width + gap) - gap)
  local at = 0
  for k = 0, steps do
    for j = 0, steps - k do
      at = at + 1
      local top, left = (steps - k) * (height + gap) + 1, math.floor((j + k / 2) * (width + gap)) + 1
      canvas:narrow(1, top, height):narrow(2, left, width):copy_(images:select(1, at):reshape(height, width))
    end
  end
  local figure = plot.image(canvas, { title = options.title, logz = true, range = options.range or { 1e-5, 0.1 } })
  local panel = figure.panels[1]
  panel.frame = false
  local full_width, full_height = canvas:size(2), canvas:size(1)
  for _, text in ipairs { { width / 2, -0.05 * full_height, 1 }, { full_width - width / 2, -0.05 * full_height, 2 }, { full_width / 2, 1.05 * full_height, 3 } } do
    table.insert(panel.layers, { kind = "text", x = text[1], y = text[2], text = ("r_{%d} = 1"):format(corners[text[3]]), decoration = true })
  end
  return figure, images
end

return simplex
