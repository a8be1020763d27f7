-- The jets of the study: training and test sets of both classes, and W jets where there is a file of them.

local jets, options, system, tensor = require "jets", require "options", require "jetlua.core.system", require "tensor"

local Data = {}
Data.__index = Data

--- Opens the files `TRAIN[,TEST[,W]]`, or the bundled sample. Without a test file nine tenths of the first one are trained on. `signals` are
--- files of further jets to judge the taggers on constituents by, of label 1 and up, which go by the names of their files.
---@param files string|nil
---@param signals string|nil
function Data.open(files, signals)
  local paths = {}
  for path in (files or jets.sample().path):gmatch("[^,]+") do paths[#paths + 1] = path end
  if #paths == 0 or #paths > 3 then options.fail("--files: expected TRAIN, TRAIN,TEST or TRAIN,TEST,W, got %d files", #paths) end
  local self = setmetatable({ files = {}, identity = {}, signals = {}, signal_classes = {} }, Data)
  for i, role in ipairs { "training", "test", "W jets" } do
    if paths[i] then
      local set = jets.open(paths[i])
      local sum = system.sha256_file(paths[i])
      self[i] = set
      self.files[i] = { name = paths[i]:match("[^/]+$"), role = i == 1 and #paths == 1 and "training and test" or role, jets = #set, sha256 = sum }
      self.identity[i] = sum
    end
  end
  for path in (signals or ""):gmatch("[^,]+") do
    local set, sum = jets.open(path), system.sha256_file(path)
    local name = path:match("([^/]+)%.[^./]*$") or path:match("[^/]+$")
    if name == "qcd" or name == "top" or name == "w" then options.fail("--signals: %s: expected another name than qcd, top and w", path) end
    self.files[#self.files + 1] = { name = path:match("[^/]+$"), role = "further signal", jets = #set, sha256 = sum }
    self.signals[#self.signals + 1] = { name = name, set = set:where("label >= 1") }
    self.signal_classes[#self.signal_classes + 1] = name .. " " .. sum
  end
  return self
end

--- Training and test jets of a seed, disjoint.
function Data:split(seed)
  if self[2] then return self[1], self[2] end
  tensor.manual_seed(seed)
  return self[1]:split(0.9)
end

--- Jets to train on in the ratio asked for, at most `limit`, and as many test jets of both classes; label 1 is the signal.
---@param seed integer
---@param settings { signal: string, ratio: number, jets: integer|nil, test: integer|nil }
function Data:mixed(seed, settings)
  local background = settings.signal == "top" and "qcd" or "top"
  local train, test = self:split(seed)
  tensor.manual_seed(seed)
  local seen = train:mix { signal = settings.signal, background = background, ratio = settings.ratio, n = "most" }
  if settings.jets and settings.jets < #seen then seen = seen:take(settings.jets) end
  if seen.label:sum():item() == 0 then options.fail("ratio %g of %d jets leaves no %s jet; give more jets or a larger ratio", settings.ratio, #seen, settings.signal) end
  local unseen = test:mix { signal = settings.signal, background = background, ratio = 1, n = "most" }
  if settings.test and settings.test < #unseen then unseen = unseen:take(settings.test) end
  return seen, unseen, background
end

--- Background to train on, outliers, and the test jets of each class by name, as rows of constituents with the scaler of the training jets.
--- The outliers are W jets where the study has them, of which a fifth is kept to be judged; else tops, which are then judged too.
function Data:constituents(seed, settings)
  local train, test = self:split(seed)
  tensor.manual_seed(seed)
  local background = train:where("label == 0"):shuffle():take(settings.jets)
  local others, w = train:where("label == 1"), nil
  if self[3] then others, w = self[3]:where("label == 1"):split(0.8) end
  local matched, report = others:match(background, { column = "mass", width = 5, cap = 10, n = math.max(1, #background // 5) })
  local rows = background:constituents { n = 20, align = true, scale = "robust" }
  local function part(set) return (settings.test and settings.test < #set and set:take(settings.test) or set):constituents(rows.recipe) end
  local judged = { { "qcd", part(test:where("label == 0")) }, { "top", part(test:where("label == 1")) } }
  if w then judged[3] = { "w", part(w) } end
  for _, signal in ipairs(self.signals) do judged[#judged + 1] = { signal.name, part(signal.set) } end
  return { rows = rows, outliers = matched:constituents(rows.recipe), report = report, judged = judged, outlier_class = w and "w" or "top", test = test }
end

return Data
