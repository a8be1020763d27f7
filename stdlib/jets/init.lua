-- Jets: files read lazily, selections with a cutflow, images of jets and of their Lund planes as sparse rows, clustering.

local core = require "jetlua.core.jets"
local expect = require "jetlua.internal.expect"
local host = require "jetlua.core.host"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

--- A line of a cutflow.
---@class jets.CutflowStep
---@field name string the cut
---@field n integer jets left
---@field weight number sum of their weights
---@field efficiency number fraction of the line before
---@field cumulative number fraction of the first line
---@field undecided integer jets that failed because a NaN decided
---@field by_label table<integer, integer> jets left of each label

local jets = {
  cluster = core.cluster, declusterings = core.declusterings, nsubjettiness = core.nsubjettiness, soft_drop = core.soft_drop, trim = core.trim,
  energy_correlations = core.energy_correlations,
}

--- Opens a file of jets; nothing but its header is read now.
---
--- Jets with NaN, infinite values or negative energies raise an error that counts them when they are read, or are left
--- out with `broken = "drop"`.
---
--- The format is recognised by what the file holds (docs/data.md lists them); a file of ready images opens as an image set, events are
--- clustered as they are read with `algorithm`, `R` and `jet`, and `layout` says where the jets of a file of one's own are.
---
---     #jets.open(jets.sample().path) --> 20000
---@param path string
---@param options? { broken: "raise"|"drop"|nil, algorithm: "antikt"|"cambridge_aachen"|"kt"|nil, R: number|nil, jet: integer|nil, layout: table|nil }
---@return jets.Set|jets.Images
function jets.open(path, options) return core.open(path, options) end

--- The bundled sample: 10,000 QCD and 10,000 top jets simulated for jetlua, described in scripts/data/README.md.
---
---     jets.sample() --> 20000 jets of …
---@return jets.Set
function jets.sample() return core.open(system.home() .. "/scripts/data/top_tagging_sample.h5") end

local set = host.members("jet set")

local function steps_of(jet_set)
  local steps = jet_set:cutflow_steps()
  for _, step in ipairs(steps) do
    step.by_label = {}
    for i, label in ipairs(step.labels) do step.by_label[label] = step.counts[i] end
    step.labels, step.counts = nil, nil
  end
  return steps
end

--- The labels that occur in any step, ascending.
local function labels_of(steps)
  local labels, seen = {}, {}
  for _, step in ipairs(steps) do
    for label in pairs(step.by_label) do
      if not seen[label] then labels[#labels + 1], seen[label] = label, true end
    end
  end
  table.sort(labels)
  return labels
end

--- Prints what each step of the selection left, and returns it as a list whose first entry is "read".
---
---     set = jets.sample():where("550 < pt and pt < 560")
---     set:cutflow()[2].n == #set --> …read… true
---@return jets.CutflowStep[]
function set:cutflow()
  local steps = steps_of(self)
  local labels = labels_of(steps)
  local heading = { "step", "jets", "of step before", "of all" }
  for _, label in ipairs(labels) do heading[#heading + 1] = self:class_name(label) or ("label %d"):format(label) end
  local rows = { heading }
  for _, step in ipairs(steps) do
    local name = step.undecided > 0 and ("%s (%d NaN)"):format(step.name, step.undecided) or step.name
    local row = { text.shorten(text.one_line(name), 60), step.n, ("%.4f"):format(step.efficiency), ("%.4f"):format(step.cumulative) }
    for _, label in ipairs(labels) do row[#row + 1] = step.by_label[label] or 0 end
    rows[#rows + 1] = row
  end
  print(text.columns(rows, true))
  return steps
end

local images = host.members("image set")

-- What a pixel holds, by the recipe's weight: as a fraction of the image, or as it is.
local contents = {
  pt = { "fraction of p_{T}", "p_{T} [GeV]" }, energy = { "fraction of energy", "energy [GeV]" },
  one = { "fraction of constituents", "constituents" },
}

-- The same for Lund images.
local steps = {
  one = { "fraction of splittings", "splittings" }, kt = { "fraction of k_{T}", "k_{T} [GeV]" }, z = { "fraction of z", "z" },
  kappa = { "fraction of κ", "κ" },
}

--- What the pixels of jet images hold.
local function content(recipe)
  local name = contents[recipe.weight][recipe.normalise and 1 or 2]
  if recipe.power == 1 then return name end
  return ("(%s)^{%g}"):format(name:gsub("^fraction of ", ""), recipe.power) .. (recipe.normalise and ", unit sum" or "")
end

--- First and last edge of `size` pixels of width `step`: the grid starts at `from`, its point nearest 0 is pixel size // 2 from 0.
local function edges(from, step, size)
  local low = from + step * (math.floor(-from / step + 0.5) - size // 2 - 0.5)
  return { low, low + size * step }
end

--- Options that give `plot.image` the axes of these images: ranges, labels, row 1 at the bottom. Options given go before them:
--- `plot.image(images:mean(), images:axes { title = "average jet", logz = true })`.
---
---     jets.sample():take(10):images():axes().origin --> lower
---@param options? table options of plot.image
---@return table
function images:axes(options)
  if options ~= nil and type(options) ~= "table" then expect.wrong("axes", "options", "a table", options) end
  local recipe = self.recipe
  local axes = recipe.kind == "lund" and {
    xlabel = "ln(1/Δ)", ylabel = "ln(k_{T}/GeV)", zlabel = steps[recipe.weight][recipe.normalise and 1 or 2], xrange = recipe.x, yrange = recipe.y,
    origin = "lower",
  } or {
    -- After the rotation the axes are no longer eta and phi.
    xlabel = recipe.rotate and "η′" or "Δη", ylabel = recipe.rotate and "φ′" or "Δφ",
    zlabel = content(recipe),
    xrange = edges(-2.6, recipe.deta, recipe.size), yrange = edges(-math.pi, recipe.dphi, recipe.size), origin = "lower",
  }
  for name, value in pairs(options or {}) do axes[name] = value end
  return axes
end

return jets
