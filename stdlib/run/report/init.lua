-- `jetlua report`: runs as one HTML page that needs nothing else: no network, no script, figures and their numbers inside.

local chart = require "jetlua.run.report.chart"
local html = require "jetlua.run.report.html"
local json = require "jetlua.json"
local records = require "jetlua.run.records"
local style = require "jetlua.run.report.style"
local system = require "jetlua.core.system"
local text = require "jetlua.internal.text"

local report = {}

local function shown(value)
  if value == nil then return "–" end
  if type(value) == "table" and value ~= json.null then return (json.encode(value)) end
  return value == json.null and "not finite" or type(value) == "number" and html.number(value) or tostring(value)
end

local function sorted_keys(...)
  local keys, seen = {}, {}
  for _, map in ipairs { ... } do
    for key in pairs(map) do
      if not seen[key] then keys[#keys + 1], seen[key] = key, true end
    end
  end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

--- Results as names and numbers: tables within them are `outer.inner`.
local function flat(results, prefix, into)
  into = into or {}
  for key, value in pairs(results) do
    local name = prefix and prefix .. "." .. tostring(key) or tostring(key)
    if type(value) == "table" and value ~= json.null then flat(value, name, into) else into[name] = value end
  end
  return into
end

local function name_of(run) return run.path:match("([^/]+)/*$") end

--- Options that differ between the runs.
local function varied(runs)
  local maps, names = {}, {}
  for i, run in ipairs(runs) do maps[i] = run.options end
  for _, name in ipairs(sorted_keys(table.unpack(maps))) do
    local first = shown(runs[1].options[name])
    for _, run in ipairs(runs) do
      if shown(run.options[name]) ~= first then
        names[#names + 1] = name
        break
      end
    end
  end
  return names
end

--- Runs of the same options but the seed, in the order of the first of each: { label =, runs = }.
local function groups(runs, names)
  local list, places = {}, {}
  for _, run in ipairs(runs) do
    local parts = { run.name }
    for _, name in ipairs(names) do
      if name ~= "seed" then parts[#parts + 1] = ("%s = %s"):format(name, shown(run.options[name])) end
    end
    local label = table.concat(parts, ", ")
    if not places[label] then
      places[label] = { label = label, runs = {} }
      list[#list + 1] = places[label]
    end
    table.insert(places[label].runs, run)
  end
  return list
end

local function mean_and_deviation(values)
  local sum = 0
  for _, value in ipairs(values) do sum = sum + value end
  local mean, squares = sum / #values, 0
  for _, value in ipairs(values) do squares = squares + (value - mean) ^ 2 end
  return mean, #values > 1 and math.sqrt(squares / (#values - 1)) or nil
end

--- A value and its standard deviation with the digits that the deviation leaves a meaning: two of its own.
local function with_deviation(value, deviation)
  local digits = 1 - math.floor(math.log(deviation, 10))
  if digits < 0 or digits > 12 then return { html = ("%s ± %.2g"):format(html.number(value), deviation), number = true } end
  local format = "%." .. digits .. "f"
  return { html = ((format .. " ± " .. format):format(value, deviation):gsub("^%-", "−")), number = true }
end

local function spread(values)
  local mean, deviation = mean_and_deviation(values)
  if not deviation or deviation == 0 or deviation - deviation ~= 0 then return { html = html.number(mean), number = true } end
  return with_deviation(mean, deviation)
end

-- A table of tables of numbers, such as a score's measures, as a table of its own: a row each, `x_error` behind `x`.
local function matrix(name, value)
  local columns, rows = sorted_keys(table.unpack((function()
    local all = {}
    for _, row in pairs(value) do all[#all + 1] = row end
    return all
  end)())), {}
  local heading, there = { name }, {}
  for _, column in ipairs(columns) do there[column] = true end
  for _, column in ipairs(columns) do
    -- The edges of an interval say no more than its deviation does here.
    local base = tostring(column):match("^(.*)_low$") or tostring(column):match("^(.*)_high$")
    if not tostring(column):find("_error$") and not (base and there[base .. "_error"]) then heading[#heading + 1] = tostring(column) end
  end
  for _, key in ipairs(sorted_keys(value)) do
    local row = { tostring(key) }
    for i = 2, #heading do
      local number, deviation = value[key][heading[i]], value[key][heading[i] .. "_error"]
      if type(number) == "number" and type(deviation) == "number" and deviation > 0 then
        row[i] = with_deviation(number, deviation)
      else
        row[i] = type(number) == "number" and { html = html.number(tonumber(("%.4g"):format(number))), number = true } or shown(number)
      end
    end
    rows[#rows + 1] = row
  end
  return html.table(heading, rows)
end

local function is_matrix(value)
  if type(value) ~= "table" or value == json.null or next(value) == nil then return false end
  for _, row in pairs(value) do
    if type(row) ~= "table" or row == json.null or next(row) == nil then return false end
    for _, number in pairs(row) do
      if type(number) == "table" and number ~= json.null then return false end
    end
  end
  return true
end

local function results_table(runs, list)
  local all, matrices = {}, {}
  for i, run in ipairs(runs) do
    local plain = {}
    for key, value in pairs(run.results) do
      if #runs == 1 and is_matrix(value) then matrices[#matrices + 1] = key else plain[key] = value end
    end
    all[run] = flat(plain)
    all[i] = all[run]
  end
  local keys = sorted_keys(table.unpack(all))
  table.sort(matrices)
  if #keys == 0 and #matrices == 0 then return '<p class="soft">No results were reported.</p>' end
  local columns, rows, any_spread = { "" }, {}, false
  for _, group in ipairs(list) do
    columns[#columns + 1] = #list == 1 and (#group.runs > 1 and "mean ± standard deviation" or "value") or group.label
    any_spread = any_spread or #group.runs > 1
  end
  for _, key in ipairs(keys) do
    local row = { key }
    for _, group in ipairs(list) do
      local values, other = {}, nil
      for _, run in ipairs(group.runs) do
        local value = all[run][key]
        if type(value) == "number" then values[#values + 1] = value elseif value ~= nil then other = value end
      end
      row[#row + 1] = #values > 0 and spread(values) or shown(other)
    end
    rows[#rows + 1] = row
  end
  if any_spread then
    local row = { { html = '<span class="soft">runs</span>' } }
    for _, group in ipairs(list) do row[#row + 1] = #group.runs end
    rows[#rows + 1] = row
  end
  local parts = { #keys > 0 and html.table(columns, rows) or "" }
  if any_spread then parts[2] = '<p class="soft">Mean ± standard deviation over the runs of the same options but the seed.</p>' end
  for _, key in ipairs(matrices) do parts[#parts + 1] = matrix(key, runs[1].results[key]) end
  return table.concat(parts)
end

local most_rows, most_figures = 400, 200

local function numbers_of(csv)
  local rows = {}
  for line in csv:gmatch("[^\n]+") do
    local row = {}
    for cell in (line .. ","):gmatch("([^,]*),") do row[#row + 1] = tonumber(cell) or cell end
    rows[#rows + 1] = row
    if #rows > most_rows then break end
  end
  local heading = table.remove(rows, 1)
  return heading and html.table(heading, rows) or ""
end

--- What opens to a figure's numbers: the table of a CSV text, and that text as a file.
local function numbers(stem, csv)
  return ('<details class="no-print"><summary>numbers</summary><p><a download="%s.csv" href="data:text/csv;base64,%s">%s.csv</a></p>%s</details>'):format(
    html.escape(stem), html.base64(csv), html.escape(stem), numbers_of(csv))
end

--- The points of curves as CSV, one row for each x.
local function csv_of(series, xlabel)
  local heading, at, xs = { xlabel }, {}, {}
  for i, s in ipairs(series) do
    heading[i + 1] = s.label:gsub("[,\n]+", " ")
    for _, point in ipairs(s.points) do
      if not at[point[1]] then at[point[1]], xs[#xs + 1] = {}, point[1] end
      at[point[1]][i] = point[2]
    end
  end
  table.sort(xs)
  local lines = { table.concat(heading, ",") }
  for _, x in ipairs(xs) do
    local row = { ("%.17g"):format(x) }
    for i = 1, #series do row[i + 1] = at[x][i] and ("%.9g"):format(at[x][i]) or "" end
    lines[#lines + 1] = table.concat(row, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end

local colours = 8

--- The curves that the runs logged, one chart for a name and its "valid_" companion.
local function curves(runs)
  local series, order = {}, {}
  for i, run in ipairs(runs) do
    local lines = records.metrics(run.path)
    for place, entry in ipairs(lines) do
      local x = type(entry.epoch) == "number" and entry.epoch or type(entry.step) == "number" and entry.step or place
      for _, key in ipairs(sorted_keys(entry)) do
        local value = entry[key]
        if type(value) == "number" and key ~= "epoch" and key ~= "step" and key ~= "seconds" then
          local base = key:match("^valid_(.+)$") or key
          if not series[base] then
            series[base] = { by_epoch = true }
            order[#order + 1] = base
          end
          series[base].by_epoch = series[base].by_epoch and type(entry.epoch) == "number"
          local name = i .. key
          local list = series[base]
          if not list[name] then
            list[name] = { label = name_of(run) .. (key ~= base and ", valid" or ""), class = "c" .. ((i - 1) % colours + 1), dashed = key ~= base, points = {} }
            list[#list + 1] = list[name]
          end
          table.insert(list[name].points, { x, value })
        end
      end
    end
  end
  local parts, valid = {}, false
  table.sort(order, function(a, b)
    if (a == "total") ~= (b == "total") then return a == "total" end
    return a < b
  end)
  for _, base in ipairs(order) do
    local list, drawn = series[base], {}
    for _, s in ipairs(list) do
      -- A single number is a result, not a curve.
      if #s.points > 1 then
        drawn[#drawn + 1] = s
        valid = valid or s.dashed
      end
    end
    local xlabel = list.by_epoch and "epoch" or "line"
    local svg = #drawn > 0 and chart(drawn, { title = base, xlabel = xlabel, whole = true })
    if svg then
      parts[#parts + 1] = ('<figure><figcaption>%s</figcaption><label class="zoom"><input type="checkbox">%s</label>%s</figure>\n'):format(html.escape(base), svg,
        numbers(base, csv_of(drawn, xlabel)))
    end
  end
  if #parts == 0 then return '<p class="soft">No curves were logged.</p>' end
  local legend = {}
  for i, run in ipairs(runs) do
    legend[#legend + 1] = ('<span><i class="key c%d"></i>%s</span>'):format((i - 1) % colours + 1, html.escape(name_of(run)))
  end
  if valid then legend[#legend + 1] = '<span><i class="key c7 dashed"></i>jets to validate with</span>' end
  return ('<p class="legend">%s</p><div class="figures">%s</div>'):format(table.concat(legend), table.concat(parts))
end

local function figures(run)
  local folder, parts = run.path .. "/plots", {}
  if not system.is_directory(folder) then return "" end
  for _, file in ipairs(system.list_directory(folder)) do
    local stem = file:match("^(.*)%.png$")
    if stem and #parts < most_figures then
      local image = html.base64(system.read_file(folder .. "/" .. file))
      local csv_path = folder .. "/" .. stem .. ".csv"
      parts[#parts + 1] = ('<figure><label class="zoom"><input type="checkbox"><img alt="%s" src="data:image/png;base64,%s"></label><figcaption>%s</figcaption>%s</figure>\n')
        :format(html.escape(stem), image, html.escape(stem), system.exists(csv_path) and numbers(stem, system.read_file(csv_path)) or "")
    end
  end
  return #parts > 0 and ('<div class="figures">%s</div>'):format(table.concat(parts)) or ""
end

local function options_table(runs)
  local maps = {}
  for i, run in ipairs(runs) do maps[i] = run.options end
  local names = sorted_keys(table.unpack(maps))
  if #names == 0 then return '<p class="soft">The script declares no options.</p>' end
  local heading, rows = { "option" }, {}
  local differs, texts = {}, {}
  for _, name in ipairs(varied(runs)) do differs[name] = true end
  for _, run in ipairs(runs) do
    for name, words in pairs(type(run.option_texts) == "table" and run.option_texts or {}) do texts[name] = words end
  end
  local any_differ = next(differs) ~= nil
  for i, run in ipairs(runs) do heading[#heading + 1] = #runs == 1 and "value" or any_differ and name_of(run) or i == 1 and "all runs" or nil end
  heading[#heading + 1] = "meaning"
  for _, name in ipairs(names) do
    local row = { { html = (differs[name] and "<b>%s</b>" or "%s"):format(html.escape(name)) } }
    for i, run in ipairs(runs) do
      if any_differ or i == 1 then row[#row + 1] = shown(run.options[name]) end
    end
    row[#row + 1] = texts[name] or ""
    rows[#rows + 1] = row
  end
  return html.table(heading, rows)
end

local function environment(runs)
  local rows = {}
  local function row(name, pick)
    local first, all = nil, {}
    local same = true
    for i, run in ipairs(runs) do
      local value = shown(pick(run))
      all[i] = value
      if i == 1 then first = value else same = same and value == first end
    end
    if first == "–" and same then return end
    if same then all = { first } end
    rows[#rows + 1] = { name, { html = "<span class=\"mono\">" .. html.escape(table.concat(all, " | ")) .. "</span>" } }
  end
  local version = function(key) return function(run) return run.versions[key] end end
  row("jetlua", version "jetlua")
  row("program, SHA-256", version "program_sha256")
  row("jetlua's modules, SHA-256", version "library_sha256")
  row("Lua", version "lua")
  row("OpenBLAS", version "openblas")
  row("kernels", version "blas_kernel")
  row("instruction set", version "instruction_set")
  row("HDF5", version "hdf5")
  row("threads", version "threads")
  row("processor", function(run) return run.cpu.model and ("%s, %s cores"):format(run.cpu.model, tostring(run.cpu.cores)) end)
  row("system", function(run) return run.system end)
  row("computer", function(run) return run.host end)
  row("script, SHA-256", function(run) return run.script and ("%s %s"):format(run.script, tostring(run.script_sha256)) end)
  row("commit", function(run) return run.git and run.git.commit and ("%s%s"):format(run.git.commit, #(run.git.changed or {}) > 0 and (", %d files changed"):format(#run.git.changed) or "") end)
  return html.table(nil, rows)
end

local function data_section(runs)
  local rows, cutflows, seen = {}, {}, {}
  for _, run in ipairs(runs) do
    for _, entry in ipairs(run.data) do
      local key = tostring(entry.sha256) .. tostring(entry.path)
      if not seen[key] then
        seen[key] = true
        rows[#rows + 1] = { { html = '<span class="mono">' .. html.escape(entry.path) .. "</span>" }, entry.bytes or "–", { html = '<span class="mono">' .. html.escape(entry.sha256) .. "</span>" } }
        for _, steps in ipairs(type(entry.cutflows) == "table" and entry.cutflows or {}) do
          local lines = {}
          for i, step in ipairs(steps) do lines[i] = { shown(step.name), step.n, ("%.4g"):format(step.efficiency or 1), ("%.4g"):format(step.cumulative or 1) } end
          for _, line in ipairs(lines) do line[3], line[4] = { html = line[3], number = true }, { html = line[4], number = true } end
          local cutflow = html.table({ "step", "jets", "of the step before", "of all" }, lines)
          if not seen[cutflow] then cutflows[#cutflows + 1], seen[cutflow] = cutflow, true end
        end
      end
    end
  end
  if #rows == 0 then return '<p class="soft">No data files were recorded.</p>' end
  return html.table({ "file", "bytes", "SHA-256" }, rows) .. (#cutflows > 0 and "<h3>Cutflow</h3>" .. table.concat(cutflows) or "")
end

local function code(runs)
  local parts, seen = {}, {}
  for _, run in ipairs(runs) do
    local files = {}
    if run.script then files[1] = { name = run.script, file = run.script, sha256 = run.script_sha256 } end
    for _, module in ipairs(run.modules) do files[#files + 1] = module end
    for _, file in ipairs(files) do
      local path = run.path .. "/" .. tostring(file.file)
      if not seen[file.sha256] and system.exists(path) then
        seen[file.sha256] = true
        parts[#parts + 1] = ("<details><summary>%s</summary><pre>%s</pre></details>"):format(html.escape(file.name), html.escape(system.read_file(path)))
      end
    end
  end
  return table.concat(parts)
end

--- The page for runs, from records.read.
---@param runs table[]
---@return string
function report.page(runs)
  local title = #runs == 1 and name_of(runs[1]) or ("%d runs of %s"):format(#runs, runs[1].name)
  local parts = {
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'; img-src data:">',
    ("<title>%s</title><style>%s</style></head><body>\n"):format(html.escape(title), style),
  }
  local function add(s) parts[#parts + 1] = s end
  local function section(heading, body)
    if body ~= "" then add(("<h2>%s</h2>\n%s\n"):format(heading, body)) end
  end
  add(("<h1>%s</h1>\n"):format(html.escape(title)))
  local rows = {}
  for i, run in ipairs(runs) do
    rows[i] = { name_of(run), { html = ('<span class="%s">%s</span>'):format(html.escape(run.status), html.escape(run.status)) }, shown(run.started):gsub("T", " "):gsub("Z$", " UTC"),
      run.seconds and { html = ("%.1f s"):format(run.seconds), number = true } or "–", run.seed or "–" }
    if run.error then rows[i][6] = text.shorten(run.error:match("^[^\n]*"), 200) end
  end
  add(html.table({ "run", "status", "started", "took", "seed" }, rows))
  local names = varied(runs)
  section("Results", results_table(runs, groups(runs, names)))
  section("Training", curves(runs))
  for _, run in ipairs(runs) do
    section(#runs == 1 and "Figures" or "Figures of " .. html.escape(name_of(run)), figures(run))
  end
  section("Options", options_table(runs))
  section("Data", data_section(runs))
  section("Environment", environment(runs))
  section("Code", code(runs))
  add(('<p class="soft">Written by jetlua %s. Click a figure to enlarge it, and again to put it back.</p>\n</body></html>\n'):format(html.escape(shown(runs[1].versions.jetlua))))
  return table.concat(parts)
end

return report
