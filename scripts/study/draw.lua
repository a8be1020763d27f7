-- What several figures of the study are made of.

local jets, metrics, plot, tensor = require "jets", require "metrics", require "plot", require "tensor"

local draw = {}

draw.names = { top = "top", qcd = "QCD", w = "W" }

--- The mean ROC curve of a score over all seeds of a task, with the spread over seeds as its error; `of(arrays)` gives score and label.
---@param R table
---@param name string
---@param label string
---@param of fun(arrays: table, numbers: table): any, any
---@return table curve for plot.roc
function draw.roc(R, name, label, of)
  local points, sums, squares, aucs = 160, {}, {}, {}
  local grid = {}
  for i = 1, points do grid[i] = i < 60 and i / 600 or 0.1 + 0.9 * (i - 60) / (points - 60) end
  local count = R:count(name)
  for seed = 1, count do
    local score, truth = of(R:arrays(name, seed), R:numbers(name)[seed])
    local curve = metrics.roc(score, truth)
    local fpr, tpr, at = curve.fpr:totable(), curve.tpr:totable(), 1
    for i, efficiency in ipairs(grid) do
      while at < #tpr and tpr[at] < efficiency do at = at + 1 end
      sums[i], squares[i] = (sums[i] or 0) + fpr[at], (squares[i] or 0) + fpr[at] ^ 2
    end
    aucs[seed] = { auc = curve.auc }
  end
  local fpr, errors = {}, {}
  for i = 1, points do
    fpr[i] = sums[i] / count
    errors[i] = count > 1 and math.sqrt(math.max(0, (squares[i] - sums[i] ^ 2 / count) / (count - 1))) or 0
  end
  return { fpr = fpr, tpr = grid, fpr_error = errors, auc = metrics.over_seeds(aucs).auc.mean, label = label }
end

local axes_of = {}

--- An image of 40 x 40 pixels with its axes; kind "full" or "lund".
function draw.image(image, kind, options)
  axes_of[kind] = axes_of[kind] or (kind == "lund" and jets.sample():take(1):lund_images() or jets.sample():take(1):images())
  local given = {}
  for key, value in pairs(options) do given[key] = value end
  given.logz = given.logz ~= false
  given.range = given.range or (kind == "lund" and { 1e-5, 1e-2 } or { 1e-5, 0.1 })
  return plot.image(image:reshape(40, 40), axes_of[kind]:axes(given))
end

--- The distribution of a score for background and signal.
function draw.classes(values, label, names, options)
  local is_signal = label:eq(1)
  options.density = true
  if options.range then
    local inside = values:ge(options.range[1]) & values:le(options.range[2])
    values, is_signal = values[inside], is_signal[inside]
  end
  return plot.hist({ { x = values[~is_signal], label = names[1] }, { x = values[is_signal], label = names[2] } }, options)
end

--- Values without their outermost half a percent, so that a few jets do not stretch the axis.
function draw.range(values)
  local sorted = values:to("float64"):sort()
  local n = #values
  return { sorted:select(1, 1 + n // 200):item(), sorted:select(1, n - n // 200):item() }
end

--- ROC of the latent coordinate for top and for QCD tagging, and its distributions at the epochs kept, of one model in a balanced sample.
---@param R table
---@param names string[] tasks; one row of panels each
---@param titles string[]
function draw.latent(R, names, titles)
  local panels = {}
  for row, name in ipairs(names) do
    panels[#panels + 1] = plot.roc({
      draw.roc(R, name, "top tagging", function(a) return a.latent, a.label end),
      draw.roc(R, name, "QCD tagging", function(a) return -a.latent, 1 - a.label end),
    }, { title = titles[row] .. ", latent coordinate" })
    local arrays, epochs = R:arrays(name, 1), R:numbers(name)[1].epochs
    -- An early epoch, one in the middle and the last two.
    local chosen = { epochs[1], epochs[#epochs - 1], epochs[#epochs] }
    for i = #epochs <= 2 and 4 - #epochs or 1, 3 do
      local z = arrays["latent_" .. chosen[i]]
      panels[#panels + 1] = draw.classes(z, arrays.label, { "QCD", "top" },
        { bins = 40, range = draw.range(z), title = ("epoch %d, seed %d"):format(chosen[i], R.by_name[name].seeds[1].seed), xlabel = "latent coordinate" })
    end
  end
  return plot.grid(panels, { columns = #panels // #names })
end

--- A model of a result, loaded from its file.
function draw.model(R, name) return require("models").load(R:model_path(name)) end

return draw
