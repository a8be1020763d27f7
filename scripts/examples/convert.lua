-- Turns a file of jets into one in the layout of the community top-tagging set. What jetlua reads is read as it is; a ROOT or Parquet file
-- goes through scripts/convert/to_hdf5.py, which needs Python with scripts/convert/requirements.txt.
--   jetlua scripts/examples/convert.lua --input jets.root --constituents pt=part_pt,eta=part_eta,phi=part_phi --label is_signal --output jets.h5

require "strict"
local jets, options = require "jets", require "options"

local o = options {
  { "input", nil, "a file of jets; the first 1000 of the bundled sample if left out", type = "string" },
  { "constituents", nil, "of a ROOT or Parquet file: QUANTITY=COLUMN of pt, eta, phi, m or e, px, py, pz, with commas between", type = "string" },
  { "label", nil, "of a ROOT or Parquet file: the column of the label", type = "string" },
  { "python", "python3", "the interpreter for the converter" },
  { "cut", nil, "jets that pass are written", type = "string" },
  { "output", "converted.h5", "the file to write" },
}

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

--- What the converter makes of a ROOT or Parquet file, and the layout of that.
local function converted(path)
  assert(o.constituents, "--constituents: say which columns of " .. path .. " hold the constituents; "
    .. o.python .. " scripts/convert/to_hdf5.py " .. path .. " lists them")
  local order, command = {}, { o.python, arg[0]:gsub("[^/]*$", "") .. "../convert/to_hdf5.py", path, o.output .. ".columns.h5", "--constituents" }
  for pair in o.constituents:gmatch("[^,]+") do
    command[#command + 1], order[#order + 1] = pair, pair:match("^(.-)=")
  end
  if o.label then command[#command + 1], command[#command + 2] = "--columns", "label=" .. o.label end
  for i, word in ipairs(command) do command[i] = quoted(word) end
  assert(os.execute(table.concat(command, " ")), "the converter failed")
  return o.output .. ".columns.h5", { constituents = "constituents", order = order, label = o.label and "label" or nil }
end

options.attempt(function()
  local set
  local file = o.input and assert(io.open(o.input, "rb"))
  local start = file and file:read(4)
  if file then file:close() end
  local between
  if not o.input then
    set = jets.sample():take(1000)
  elseif start == "root" or start == "PAR1" then
    local layout
    between, layout = converted(o.input)
    set = jets.open(between, { layout = layout })
  else
    set = jets.open(o.input)
  end
  if o.cut then set = set:where(o.cut) end
  set:cutflow()
  set:save(o.output)
  if between then os.remove(between) end
  local back = jets.open(o.output)
  print(("%s: %d jets in the layout %s, mean pT %.1f GeV, mean mass %.1f GeV"):format(
    o.output, #back, back.format, back.pt:mean():item(), back.mass:mean():item()))
end)
