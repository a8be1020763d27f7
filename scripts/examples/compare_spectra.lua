-- Compares the jets of two files or more: spectra by class with their ratio to the first file, and how far they differ beside what chance makes.
--   jetlua scripts/examples/compare_spectra.lua --files mine.h5,other.h5 --names "mine,the other" --out spectra.png
-- A file's classes have their names from the file; `w.h5:w` says that all jets of w.h5 with a label above 0 are called w.

require "strict"
local jets, metrics, options, plot, tensor = require "jets", require "metrics", require "options", require "plot", require "tensor"

local o = options {
  { "files", nil, "two files or more, separated by commas; FILE:CLASS names the jets with a label above 0", type = "string" },
  { "names", "", "what to call the files in the figure, separated by commas" },
  { "columns", "pt,eta,mass,n_constituents,hardest", "columns to compare, tau21 or soft_drop_mass, say; tau4:tau2 is their ratio, hardest the pT of the hardest constituent" },
  { "classes", "", "classes to compare; all that two files have, unless said" },
  { "cut", "", "cut on the jets of all files, such as \"mass > 50\"" },
  { "bins", 30, "bins of each spectrum", min = 2, max = 500 },
  { "out", "spectra.png", "the figure; its numbers are written beside it" },
}

local titles = { pt = "p_{T} [GeV]", eta = "η", phi = "φ", mass = "m [GeV]", n_constituents = "constituents", hardest = "p_{T} of the hardest constituent [GeV]", soft_drop_mass = "m_{soft drop} [GeV]" }

local function split(text)
  local parts = {}
  for part in text:gmatch("[^,]+") do parts[#parts + 1] = part end
  return parts
end

--- Sets of jets by class name.
local function by_class(path)
  local place, renamed = path:match("^(.+%.%w+):([%w_]+)$")
  local set = jets.open(place or path)
  if o.cut ~= "" then set = set:where(o.cut) end
  if #set == 0 then options.fail("%s: no jets are left", path) end
  local found = {}
  if renamed then
    found[renamed] = set:where("label > 0")
  elseif not set.label then
    found["all jets"] = set
  else
    for label = set.label:min():item(), set.label:max():item() do
      local class = set:where("label == " .. label)
      if #class > 0 then found[set:class_name(label) or "label " .. label] = class end
    end
  end
  return found, place or path
end

--- pT of each jet's hardest constituent, which comes first.
local function hardest(set)
  local parts = {}
  for p in set:particles(4096) do
    local px, py = p:select(3, 2):select(2, 1):to("float64"), p:select(3, 3):select(2, 1):to("float64")
    parts[#parts + 1] = (px * px + py * py):sqrt()
  end
  return tensor.cat(parts, 1)
end

local function values(set, column)
  if column == "hardest" then return hardest(set) end
  local above, below = column:match("^([%w_]+):([%w_]+)$")
  local x = above and set:column(above) / set:column(below) or set:column(column)
  x = x:to("float64")
  return x[x:isfinite()]
end

--- Edges of bins over the range of nearly all values; whole numbers share bins of whole width.
local function edges(lists, integers)
  local all = tensor.cat(lists, 1)
  local low, high = all:quantile(0.002):item(), all:quantile(0.998):item()
  if integers then
    low = math.floor(low) - 0.5
    local width = math.max(1, math.ceil((high - low) / o.bins))
    return tensor.arange(low, low + width * math.ceil((high - low) / width), width):totable()
  end
  if low == high then options.fail("a column has the value %g throughout", low) end
  return tensor.linspace(low, high, o.bins + 1):totable()
end

--- Probability that equal spectra differ by a Kolmogorov-Smirnov distance of at least d, with n1 and n2 values.
local function kolmogorov(d, n1, n2)
  local n = n1 * n2 / (n1 + n2)
  local lambda = (n ^ 0.5 + 0.12 + 0.11 / n ^ 0.5) * d
  if lambda < 0.2 then return 1 end
  local sum = 0
  for j = 1, 100 do sum = sum + 2 * (-1) ^ (j - 1) * math.exp(-2 * j * j * lambda * lambda) end
  return math.min(1, math.max(0, sum))
end

--- The largest distance of the cumulative spectra: that of a ROC curve from its diagonal.
local function largest_distance(a, b)
  local which = tensor.cat({ tensor.zeros(#a, { dtype = "int64" }), tensor.ones(#b, { dtype = "int64" }) }, 1)
  local roc = metrics.roc(tensor.cat({ a, b }, 1), which)
  return (roc.tpr - roc.fpr):abs():max():item()
end

local function counts(x, bounds)
  local list, last = {}, #bounds
  for i = 1, last - 1 do
    local inside = x:ge(bounds[i]) & (i == last - 1 and x:le(bounds[i + 1]) or x:lt(bounds[i + 1]))
    list[i] = inside:sum():item()
  end
  return list
end

--- Jensen-Shannon divergence in nats of two histograms; the mean that samples of one spectrum reach by chance, and its spread.
local function divergence(a, b)
  local n1, n2, filled = 0, 0, 0
  for i = 1, #a do
    n1, n2 = n1 + a[i], n2 + b[i]
    if a[i] + b[i] > 0 then filled = filled + 1 end
  end
  if n1 == 0 or n2 == 0 then return 0 / 0, 0 / 0, 0 / 0 end
  local floor = (filled - 1) / 8 * (1 / n1 + 1 / n2)
  return metrics.jsd(a, b), floor, floor * (2 / math.max(1, filled - 1)) ^ 0.5
end

options.attempt(function()
  local files, columns, names = split(o.files or ""), split(o.columns), split(o.names)
  if #files < 2 then options.fail("--files: expected two or more, got %d", #files) end
  local sets, order, times = {}, {}, {}
  for i, file in ipairs(files) do
    local found, path = by_class(file)
    sets[i], names[i] = found, names[i] or path:match("[^/]*$")
    for class in pairs(found) do
      if not times[class] then order[#order + 1] = class end
      times[class] = (times[class] or 0) + 1
    end
  end
  table.sort(order)
  local classes = {}
  for _, class in ipairs(o.classes ~= "" and split(o.classes) or order) do
    if (times[class] or 0) >= 2 then classes[#classes + 1] = class end
  end
  if #classes == 0 then options.fail("no class is in two of the files; they hold %s", table.concat(order, ", ")) end

  local figures = {}
  print(("%-12s %-16s %-24s %7s %9s %9s %9s %19s %7s %7s %7s"):format(
    "class", "column", "file", "jets", "mean", "± error", "JSD", "chance makes", "KS", "95 %", "p"))
  for _, class in ipairs(classes) do
    for _, column in ipairs(columns) do
      local lists, series = {}, {}
      for i in ipairs(files) do
        if sets[i][class] then
          local x = values(sets[i][class], column)
          lists[#lists + 1], series[#series + 1] = x, { x = x, label = names[i] }
        end
      end
      local bounds = edges(lists, column:find("^n_") ~= nil)
      local first = counts(lists[1], bounds)
      for i, x in ipairs(lists) do
        local line = ("%-12s %-16s %-24s %7d %9.3f %9.3f"):format(class, column, series[i].label, #x, x:mean():item(), x:std():item() / (#x) ^ 0.5)
        if i > 1 then
          local jsd, floor, spread = divergence(first, counts(x, bounds))
          local d, n1, n2 = largest_distance(lists[1], x), #lists[1], #x
          line = line .. (" %9.5f %9.5f ± %.5f %7.4f %7.4f %7.3f"):format(
            jsd, floor, spread, d, 1.358 * ((n1 + n2) / (n1 * n2)) ^ 0.5, kolmogorov(d, n1, n2))
        end
        print(line)
      end
      for i, x in ipairs(lists) do series[i].x = x[x:ge(bounds[1]) & x:le(bounds[#bounds])] end
      figures[#figures + 1] = plot.hist(series, {
        bins = bounds, density = true, ratio = true, title = class, xlabel = titles[column] or column:gsub(":", " / "), ylabel = "normalised",
      })
    end
  end
  local figure = plot.grid(figures, { columns = #columns })
  figure:save(o.out)
  print(o.out)
end)
