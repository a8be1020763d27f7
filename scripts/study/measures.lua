-- The figures of a score, as numbers to keep.

local metrics, tensor = require "metrics", require "tensor"

local measures = {}

--- AUC, AUC at equal mass, background rejections and mass sculpting of each score of `{{"name", score}, …}`, and of the jet mass alone.
--- `bins` says in which mass bins the equal masses are, and how many jets they stand for.
---@param scores table[]
---@param label tensor
---@param mass tensor
---@return table<string, table<string, number>> figures, table bins
function measures.scores(scores, label, mass)
  local weights, facts, width, least = nil, nil, nil, nil
  for _, bins in ipairs { { 5, 20 }, { 10, 10 }, { 20, 10 }, { 40, 5 } } do
    local found, w, f = pcall(metrics.equal_mass_weights, mass, label, { width = bins[1], min = bins[2] })
    if found then
      weights, facts, width, least = w, f, bins[1], bins[2]
      break
    end
  end
  local figures = {}
  local function add(name, score)
    local found = { auc = metrics.auc(score, label), auc_equal_mass = weights and metrics.auc(score, label, weights) }
    for _, at in ipairs { 0.1, 0.3, 0.5 } do
      local value, limit = metrics.rejection(score, label, { at = at })
      found[("rejection_%g"):format(at)], found[("rejection_%g_limit"):format(at)] = value, limit and true or nil
    end
    -- A score with one value for all background jets separates them into no two spectra.
    local separated, sculpting = pcall(metrics.mass_sculpting, score, mass, label)
    if separated then found.jsd, found.jsd_floor = sculpting.jsd, sculpting.floor end
    figures[name] = found
  end
  for _, entry in ipairs(scores) do add(entry[1], entry[2]) end
  add("mass alone", metrics.auc(mass, label) >= 0.5 and mass or -mass)
  return figures, facts and { width = width, min = least, low = facts.range[1], high = facts.range[2], signal = facts.effective.signal, background = facts.effective.background } or nil
end

--- How deep the valley between the two modes of a distribution is: 1 − valley/lower peak of its histogram of `bins` bins between its 0.5 and
--- 99.5 % quantiles, smoothed by (1, 2, 3, 2, 1)/9; the pair of peaks with the deepest valley counts. 0 where there is one peak.
---@param values tensor
---@param bins? integer 30
---@return number
function measures.valley(values, bins)
  bins = bins or 30
  local sorted = values:to("float64"):sort()
  local n = #values
  local low, high = sorted:select(1, 1 + n // 200):item(), sorted:select(1, n - n // 200):item()
  if not (high > low) then return 0 end
  local counts = tensor.histc(values:to("float64"), bins, low, high):totable()
  local smooth, kernel = {}, { 1, 2, 3, 2, 1 }
  for i = 1, bins do
    local sum, norm = 0, 0
    for k = -2, 2 do
      if counts[i + k] then sum, norm = sum + kernel[k + 3] * counts[i + k], norm + kernel[k + 3] end
    end
    smooth[i] = sum / norm
  end
  local deepest = 0
  for i = 1, bins do
    local least = smooth[i]
    for j = i + 1, bins do
      least = math.min(least, smooth[j])
      local lower = math.min(smooth[i], smooth[j])
      -- A mode of less than a fiftieth of the jets in a bin's neighbourhood is noise.
      if lower > 0.02 * n / bins then deepest = math.max(deepest, 1 - least / lower) end
    end
  end
  return deepest
end

--- What an image looks like: `width`, the mean distance in pixels from the centre; `tau21` and `tau32` of its pixels taken as particles, small
--- for two and for three prongs; `mirror`, the correlation with its mirror image in x.
---@param image tensor `[1600]`
---@return { width: number, tau21: number, tau32: number, mirror: number }
function measures.image(image)
  local jets = require "jets"
  local side = math.floor(math.sqrt(#image) + 0.5)
  local pixels = image:to("float64"):totable()
  local centre, width, total, particles = (side + 1) / 2, 0, 0, {}
  local order = {}
  for i = 1, #pixels do order[i] = i end
  table.sort(order, function(a, b) return pixels[a] > pixels[b] end)
  for i, value in ipairs(pixels) do
    local row, column = (i - 1) // side + 1, (i - 1) % side + 1
    width, total = width + value * ((row - centre) ^ 2 + (column - centre) ^ 2) ^ 0.5, total + value
  end
  for k = 1, math.min(200, #order) do
    local i = order[k]
    local row, column = (i - 1) // side + 1, (i - 1) % side + 1
    local pt, eta, phi = pixels[i], (column - centre) * 0.029, (row - centre) * 0.035
    if pt > 0 then
      local e = function(x) return math.exp(x) end
      particles[k] = { pt * (e(eta) + e(-eta)) / 2, pt * math.cos(phi), pt * math.sin(phi), pt * (e(eta) - e(-eta)) / 2 }
    end
  end
  local tau = jets.nsubjettiness(particles)
  return {
    width = width / total, tau21 = tau[1] > 0 and tau[2] / tau[1] or 0, tau32 = tau[2] > 0 and tau[3] / tau[2] or 0, mirror = measures.correlation(image, measures.mirrored(image)),
  }
end

--- The image turned round in x.
function measures.mirrored(image)
  local side = math.floor(math.sqrt(#image) + 0.5)
  local index = {}
  for i = 1, side do index[i] = side + 1 - i end
  return image:reshape(side, side):index_select(2, tensor(index):to("int64")):reshape(side * side)
end

--- Pearson's correlation of the pixels of two images.
function measures.correlation(a, b)
  a, b = a:to("float64") - a:to("float64"):mean(), b:to("float64") - b:to("float64"):mean()
  return ((a * b):sum() / ((a * a):sum() * (b * b):sum()):sqrt()):item()
end

return measures
