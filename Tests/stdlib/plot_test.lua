local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local system = require "jetlua.core.system"
local plot = require "plot"
local check, equal, near, raises = testing.check, testing.equal, testing.near, testing.raises

local folder = testing.scratch()
local told = {}
system.write_error = function(s) told[#told + 1] = s end

local function tensor(list) return setmetatable({}, { __index = { totable = function() return list end, shape = { #list } } }) end

-- Rows of a CSV file as tables by column; no cell of these tests holds a comma.
local function rows_of(path)
  local rows, heading = {}, nil
  for line in system.read_file(path):gmatch("[^\n]+") do
    local cells = {}
    for cell in (line .. ","):gmatch("([^,]*),") do cells[#cells + 1] = cell end
    if not heading then
      heading = cells
    else
      local row = {}
      for i, name in ipairs(heading) do row[name] = tonumber(cells[i]) or cells[i] end
      rows[#rows + 1] = row
    end
  end
  return rows
end

local function saved(figure, name)
  figure:save(folder .. "/" .. name .. ".svg")
  return rows_of(folder .. "/" .. name .. ".csv"), system.read_file(folder .. "/" .. name .. ".svg")
end

-- Every kind of figure, in every format.
local image = {}
for i = 1, 6 do
  image[i] = {}
  for j = 1, 8 do image[i][j] = (i - 1) * 8 + j - 1 end
end
local simplex = {}
for i = 0, 20 do
  for j = 0, 20 - i do simplex[#simplex + 1] = { i / 20, j / 20, (20 - i - j) / 20 } end
end
local roc = { fpr = { 0, 0, 0.01, 0.1, 0.5, 1 }, tpr = { 0, 0.2, 0.4, 0.7, 0.9, 1 }, auc = 0.85, label = "weight" }
local masses = { 40, 60, 80, 81, 82, 83, 120, 172, 173 }
local figures = {
  line = plot.line({ { x = { 1, 2, 3 }, y = { 1, 4, 9 }, error = { 0.1, 0.2, 0.3 }, label = "a" }, { y = tensor { 3, 2, 1 }, label = "b" } }),
  scatter = plot.scatter({ x = { 1, 2, 3 }, y = { 3, 1, 2 }, error = { 0.1, 0.1, 0.2 }, label = "jets" }),
  hist = plot.hist({ { x = tensor(masses), label = "QCD" }, { x = { 100, 150, 160 }, weight = { 1, 2, 3 }, label = "top" } },
    { bins = 10, range = { 0, 200 }, ratio = true }),
  mass_spectra = plot.mass_spectra({ QCD = masses }),
  roc = plot.roc(roc, { title = "ε_{S} and 1/ε_{B}" }),
  sic = plot.sic({ tpr = { 0.1, 0.5, 1 }, sic = { 1.5, 2, 1 }, max = 2 }),
  image = plot.image(tensor(image), { title = "image", xlabel = "η′" }),
  triangle = plot.triangle({ { x = tensor(simplex), label = "all" }, { x = simplex, label = "again" } }),
}
figures.grid = plot.grid({ figures.image, figures.image, figures.roc }, { columns = 2 })
for name, figure in pairs(figures) do
  local stem = folder .. "/" .. name
  for _, extension in ipairs { "pdf", "png", "svg", "py" } do figure:save(stem .. "." .. extension) end
  local pdf, png, svg = system.read_file(stem .. ".pdf"), system.read_file(stem .. ".png"), system.read_file(stem .. ".svg")
  check(pdf:find("^%%PDF%-1%.%d") and pdf:find("%%%%EOF%s*$"), name .. ": a whole PDF")
  check(png:find("^\137PNG\r\n\26\n") and png:find("IEND....$"), name .. ": a whole PNG")
  check(svg:find("^<%?xml") and svg:find("</svg>%s*$"), name .. ": a whole SVG")
  local width = (">I4"):unpack(png, 17)
  check(width > 700, name .. ": at 200 dots per inch, " .. width .. " pixels wide")
  local csv = system.read_file(stem .. ".csv")
  check(select(2, csv:gsub("\n", "")) > 1 and not csv:find("nil"), name .. ": numbers")
  check(tostring(figure):find("^plot%." .. name), name .. ": prints itself")
  if system.find_program("python3") then
    local result = system.run({ "python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", stem .. ".py" }, {})
    equal(result.status, 0, name .. ": the matplotlib script is Python: " .. result.stderr)
  end
end
for _, name in ipairs(system.list_directory(folder)) do check(not name:find("tmp"), "no stray file " .. name) end

-- The numbers beside a figure are those that were drawn.
local rows = rows_of(folder .. "/hist.csv")
equal({ rows[3].x_low, rows[3].x_high, rows[3].y, rows[3].series }, { 40, 60, 1, "QCD" })
equal({ rows[5].x_low, rows[5].y }, { 80, 4 }, "a value on an edge belongs to the bin above")
near(rows[5].error, 2, 0)
equal({ rows[18].series, rows[18].y }, { "top", 2 })
near(rows[18].error, 2, 0, "√Σw²")
rows = rows_of(folder .. "/roc.csv")
equal({ #rows, rows[1].x, rows[1].y }, { 4, 0.4, 100 }, "points without background are left out")
rows = rows_of(folder .. "/image.csv")
equal({ #rows, rows[1].row, rows[1].column, rows[1].value, rows[48].value }, { 48, 1, 1, 0, 47 })
rows = rows_of(folder .. "/triangle.csv")
local weight = 0
for _, row in ipairs(rows) do
  if row.panel == "all" then weight = weight + row.value end
end
near(weight, 8 * 8, 1e-9, "densities of the 8² cells sum to their number")
rows = rows_of(folder .. "/line.csv")
equal({ rows[2].x, rows[2].y, rows[4].series, rows[6].y }, { 2, 4, "b", 1 })

-- Weights, density, edges.
local numbers = require "jetlua.plot.numbers"
local h = numbers.histogram({ 0, 0.5, 1, 1.5, 2, 2.5, -1 }, nil, { 0, 0.5, 2 })
equal({ h.values, h.outside }, { { 1, 4 }, 2 }, "edges of unequal bins; the last bin is closed")
rows = saved(plot.hist({ 1, 2, 3, 4 }, { bins = 2, range = { 0, 5 }, density = true }), "density")
near(rows[1].y * 2.5 + rows[2].y * 2.5, 1, 1e-12)
rows = saved(plot.mass_spectra({ x = { 7, 12, 13 } }), "spectrum")
equal({ #rows, rows[2].x_low, rows[2].x_high }, { 3, 5, 10 }, "bins of 5 GeV")

-- A corner of the simplex and its middle fall into the right cells.
local cells = numbers.triangle_cells({ { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, { 1 / 3, 1 / 3, 1 / 3 } }, nil, 2)
equal(cells, { [2 * (1 * 2 + 0)] = 1, [2 * (0 * 2 + 1)] = 1, [0] = 1, [1] = 1 })

-- Points lie where vectors.json has them, up to half a cell.
for i, case in ipairs(require("json").decode(system.read_file(testing.folder .. "../Fixtures/vectors.json")).gibbs_triangle) do
  rows = saved(plot.triangle({ case.r }, { bins = 100 }), "gibbs_triangle")
  equal(#rows, 1)
  near(rows[1].x, case.xy[1], 1 / 100, "gibbs_triangle " .. i)
  near(rows[1].y, case.xy[2], 1 / 100, "gibbs_triangle " .. i)
end

-- What cannot be drawn is said, or left out and counted.
local nan, inf = 0 / 0, 1 / 0
told = {}
local figure = plot.hist({ x = { 1, 2, nan, inf, 3 }, label = "s" })
check(tostring(figure):find("2 values left out", 1, true), tostring(figure))
equal(told, { 'plot.hist: "s": 2 of 5 left out: NaN or infinite\n' })
told = {}
plot.hist({ 1, 2, 30 }, { range = { 0, 10 } })
equal(told, { "plot.hist: series 1: 1 of 3 left out: outside 0 to 10\n" })
told = {}
plot.triangle({ { 1, 0, 0 }, { 0.5, 0.2, 0.1 }, { nan, 0, 1 } })
equal(told, { "plot.triangle: series 1: 2 of 3 left out: no point of the simplex\n" })
told = {}
local many_x, many_y = {}, {}
for i = 1, 50000 do many_x[i], many_y[i] = i, i % 97 end
figure = plot.scatter({ x = many_x, y = many_y })
equal(told, { "plot.scatter: series 1: 33333 of 50000 left out: more than 20000 points\n" })
rows = saved(figure, "many")
equal(#rows, 16667)
local curve_x, curve_y = {}, {}
for i = 1, 100000 do curve_x[i], curve_y[i] = i / 100000, math.sin(i / 100000 * 6) end
local svg
rows, svg = saved(plot.line({ x = curve_x, y = curve_y }), "curve")
equal(#rows, 100000, "numbers are never thinned")
check(#svg < 200000, "curves are: " .. #svg)

raises("plot.hist: series 1: expected at least one finite number, got none", plot.hist, { x = {} })
raises("plot.hist: series 1: expected at least one finite number, got 2 that are NaN or infinite", plot.hist, { nan, nan })
raises("plot.hist: series: expected a series or a list of them, got an empty table", plot.hist, {})
raises("plot.hist: logy: expected bins of at least 0, got -1 in bin", plot.hist, { x = { 1, 2 }, weight = { -1, 1 } }, { logy = true })
raises("plot.line: logy: expected values above 0 on a logarithmic axis, got none", plot.line, { -1, -2 }, { logy = true })
raises("plot.line: xrange: expected {low, high} with low < high, got {2, 1}", plot.line, { 1 }, { xrange = { 2, 1 } })
raises("plot.line: series 1: y: expected 2 numbers like the others, got 3", plot.line, { x = { 1, 2 }, y = { 1, 2, 3 } })
raises('plot.line: unknown option "titel"; did you mean "title"?', plot.line, { 1, 2 }, { titel = "x" })
raises('plot.line: series 1: unknown field "lable"; did you mean "label"?', plot.line, { y = { 1 }, lable = "x" })
raises("plot.line: series 1: y: expected a list of numbers or a tensor [N], got a table", plot.line, { y = { { 1 } } })
raises('plot.line: series 1: y: expected numbers, got "a" at 2', plot.line, { y = { 1, "a" } })
raises("plot.hist: bins: expected an integer from 1 to 100000, got 0", plot.hist, { 1 }, { bins = 0 })
raises("plot.hist: bins: expected edges that increase, got 1 after 2", plot.hist, { 1 }, { bins = { 0, 2, 1 } })
raises("plot.hist: ratio: expected at least 2 series, got 1", plot.hist, { 1 }, { ratio = true })
raises("plot.roc: curve 1: expected a result of metrics.roc, got 3", plot.roc, { 3 })
raises("plot.roc: curve 1: expected a point with background, got none of 2", plot.roc, { fpr = { 0, 0 }, tpr = { 0, 1 } })
raises("plot.image: image: expected a tensor [H, W], got a table", plot.image, { 1, 2 })
raises("plot.image: image: expected a tensor [H, W], got a row of 1 elements at 2", plot.image, { { 1, 2 }, { 1 } })
raises("plot.image: image: expected a finite value above 0 for logz, got none", plot.image, { { 0, -1 } }, { logz = true })
raises("plot.triangle: series 1: expected rows of three numbers", plot.triangle, { { 2, 2, 2 } })
raises("plot.triangle: series 1: expected a tensor [N, 3], got a row of 2 elements at 1", plot.triangle, { { 1, 0 } })
raises("plot.grid: figure 1: expected a figure, got 3", plot.grid, { 3 })
raises('legend place "top rigth"; did you mean "top right"?', plot.line, { 1 }, { legend = "top rigth" })
raises("plot.line: size: expected a number from 1 to 60, got 0", plot.line, { 1 }, { size = { 0, 3 } })
raises("expected a name that ends in .pdf, .png, .svg or .py", figures.line.save, figures.line, "x.gif")
check(pcall(plot.image, { { 0, 0 }, { 0, 0 } }), "an image of zeros")
for name, degenerate in pairs { constant = { 5, 5, 5 }, single = { 1 }, zero = { 0, 0 }, huge = { 1e300, -1e300 }, tiny = { 1e-300, 2e-300 } } do
  rows = saved(plot.line(degenerate), "line_" .. name)
  equal(#rows, #degenerate, name)
  saved(plot.hist(degenerate), "hist_" .. name)
end

-- Formulae between dollar signs; dollars that are money stay.
local markup = require "jetlua.plot.markup"
for label, plain in pairs {
  ["$p_T$ [GeV]"] = "pT [GeV]", ["$\\epsilon_S$ and $1/\\epsilon_B$"] = "εS and 1/εB", ["$m_{\\mathrm{jet}}^2$"] = "mjet2", ["$5 to $6"] = "$5 to $6",
  ["$\\sqrt{s} = 13$ TeV"] = "√s = 13 TeV", ["$\\bar{t}$"] = "t\u{0304}", ["$\\tau_{32} < 0.6$"] = "τ32 < 0.6", ["$\\unknown$"] = "\\unknown", ["$ x $"] = "$ x $",
  ["a $"] = "a $", ["$a"] = "$a", ["$_$"] = "_", ["$x^$"] = "x^", ["$\\$"] = "$\\$", ["${{{$"] = "{{{", ["$10^{-3}$"] = "10−3",
} do equal(markup.plain(label), plain, label) end
equal(markup.pieces("$m_j$ x"), { { "m", "plain", "italic" }, { "j", "sub", "italic" }, { " x", "plain" } })
check(markup.gnuplot("$m_{jj}^2$"):find("@^{2}_{", 1, true), "indices stand above each other")
for _, s in ipairs { "$p_T$", "$m_{\\mathrm{jet}}^2$ and $\\bar{t}t$", "$\\epsilon_S$ $a$$b$" } do saved(plot.line({ 1, 2 }, { title = s, xlabel = s }), "formula") end

-- A stamp says what the jets are and never whose result this is.
equal(tostring(plot.stamp("simulation", "QCD jets")), "Simulation: QCD jets")
raises('plot.stamp: "ATLAS Simulation": expected words that no experiment puts on its results, got "ATLAS"', plot.stamp, "simulation", "ATLAS Simulation")
raises('got "Preliminary"', plot.stamp, "private", "Preliminary")
check(pcall(plot.stamp, "open data", "CMS 2016") and pcall(plot.stamp, "simulation", "atlases and CMSSW"), "words that hold such a name pass")
raises('plot.stamp: unknown kind "cms"', plot.stamp, "cms")
raises("plot.line: stamp: expected plot.stamp", plot.line, { 1, 2 }, { stamp = 3 })
local stamped = plot.line({ { y = { 1, 2, 3 }, label = "up" } }, { stamp = plot.stamp("toy", "line") })
local _, stamped_svg = saved(stamped, "stamped")
check(stamped_svg:find("Toy study", 1, true) and stamped.panels[1].stamp.place ~= stamped.panels[1].legend.place, "stamp and legend have corners of their own")
equal(plot.image({ { 1, 2 } }, { stamp = "simulation" }).panels[1].stamp.place, "above")

-- Bands over seeds: the mean at equal signal efficiency, and one standard deviation.
local two = plot.roc({ { seeds = { { fpr = { 0, 0.5, 1 }, tpr = { 0, 0.5, 1 }, auc = 0.5 }, { fpr = { 0, 0.25, 1 }, tpr = { 0, 0.5, 1 }, auc = 0.7 } }, label = "two" } })
rows = saved(two, "seeds")
for _, row in ipairs(rows) do
  if row.x == 0.5 and row.series == "two" then near(row.y, 3, 1e-12) end
end
equal(two.panels[1].layers[2].label, "two, AUC 0.600 ± 0.141")
near(two.panels[1].layers[1].low[1], 3 - math.sqrt(2), 1e-12, "from 2 and 4: 3 ± √2")
raises("plot.roc: curve 1: seeds: expected results of at least 2 seeds, got 1", plot.roc, { { seeds = { roc } } })
raises("plot.sic: curve 1: seeds: expected a list of results", plot.sic, { { seeds = 3 } })
local sic = { tpr = { 0.1, 0.5, 1 }, sic = { 1.5, 2, 1 }, max = 2 }
equal(plot.sic({ { seeds = { sic, sic }, label = "s" } }).panels[1].layers[2].label, "s, max 2.00 ± 0.00")
check(pcall(plot.roc, roc, { logx = true }) and pcall(plot.sic, sic, { logx = true }), "a logarithmic ε_S")

-- Losses of a training, in order, with the smallest validation loss.
local losses = plot.losses({ epoch = { 1, 2, 3 }, kl = { 1, 2, 3 }, total = { 9, 5, 4 }, valid_total = { 9, 4, 5 } }, { title = "VAE" })
equal({ #losses.panels, losses.panels[1].title, losses.panels[2].title, losses.panels[1].layers[3].x }, { 2, "VAE: total", "VAE: KL", { 2 } })
for _, tick in ipairs(losses.panels[1].x.ticks) do check(tick.value == math.floor(tick.value), "no half epochs") end
equal(#saved(losses, "losses"), 9)
raises('plot.losses: unknown term "totl"; did you mean "total"?', plot.losses, { total = { 1, 2 } }, { terms = { "totl" } })
raises("plot.losses: history: expected what models.fit returns, got an empty table", plot.losses, {})

-- Histograms: round bins, units, points, bands.
local mass = {}
for i = 1, 500 do mass[i] = i / 3 end
figure = plot.hist(mass, { xlabel = "$m$ [GeV]" })
equal({ figure.panels[1].ylabel, figure.panels[1].layers[1].edges[2] - figure.panels[1].layers[1].edges[1] }, { "entries / 5 GeV", 5.0 })
equal(plot.hist(mass, { xlabel = "m [GeV]", density = true }).panels[1].ylabel, "normalised [1/GeV]")
equal({ table.unpack(plot.hist({ 1, 2, 2, 7 }).panels[1].layers[1].edges, 1, 2) }, { 0.5, 1.5 }, "whole numbers lie in the middle of their bins")
for _, errors in ipairs { "bars", "band", false } do
  saved(plot.hist({ { x = mass, label = "a" }, { x = mass, label = "b", style = "points", colour = 7 } }, { errors = errors, fill = true, ratio = true, logy = errors == "band" }), "styles")
end
raises('plot.hist: errors: expected "bars", "band" or false, got "bar"', plot.hist, mass, { errors = "bar" })
raises('plot.line: series 1: colour: expected a place in the palette from 1 to 7 or "#RRGGBB", got "red"', plot.line, { y = { 1 }, colour = "red" })
raises('plot.hist: series 1: style: expected "points", got "dots"', plot.hist, { x = { 1 }, style = "dots" })
-- Beyond the ratio panel an arrow points to what lies there.
figure = plot.hist({ { x = { 1, 1, 1 } }, { x = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 } } }, { ratio = true, bins = 1, range = { 0, 2 } })
equal({ figure.panels[1].lower.y.max, figure.panels[1].lower.layers[2].y[1], figure.panels[1].lower.arrows }, { 2, 4.0, true })
saved(figure, "arrows")
equal((">I4"):unpack(system.read_file(plot.line({ 1, 2 }, { size = { 4, 3 } }):save(folder .. "/dpi.png", { dpi = 50 })), 17), 200)

-- A disk that is full and a folder that takes nothing: one line, and no half files.
local before = system.list_directory(folder)
raises("figure:save: cannot write " .. folder .. "/none/x.svg", figures.line.save, figures.line, folder .. "/none/x.svg")
local first = 0
while arg[first - 1] do first = first - 1 end
local interpreter = system.run({ "sh", "-c", 'readlink -f "$(command -v "$1")"', "sh", arg[first] }).stdout:match("[^\n]+")
system.write_file(folder .. "/full.lua", [[
  local y = {}
  for i = 1, 20000 do y[i] = math.sin(i) end
  print(pcall(function() require("plot").line(y):save("full.py") end))
]])
-- A limit of 64 kB for each file stands for a disk that is full.
local full = system.run({ "sh", "-c", 'trap "" XFSZ; ulimit -f 128; exec "$1" full.lua', "sh", interpreter }, { directory = folder, input = "" })
check(not pcall(require, "jetlua.core.jets") or full.status == 0 and full.stdout:find("^false\tfull.lua:3: figure:save: cannot write full.py: [^\n]+\n$"), full.stdout .. full.stderr)
system.remove(folder .. "/full.lua")
equal(system.list_directory(folder), before, "nothing is left behind")

-- A size that was asked for is the size of the picture.
plot.line({ 1, 2, 4 }, { size = { 5, 3 } }):save(folder .. "/sized.png")
equal({ (">I4I4"):unpack(system.read_file(folder .. "/sized.png"), 17) }, { 1000, 600, 25 })

-- Texts are shown as they are and do nothing.
local owned = folder .. "/owned"
local hostile = {
  ('"; system("touch %s") #'):format(owned), ("`touch %s`"):format(owned), ("$(touch %s)"):format(owned),
  ("'); !touch %s\nsystem('touch %s')"):format(owned, owned), "a\\", 'a\\"', "{", "}", "{/Symbol a}", "@x ~a{.8b} &{xx}", "x_{", "^", "_", "% %s %d",
  "\0\1\27[31m", "\xff\xfe", "a\nb\r\nc", "<b>&amp;</b>", "END\nsystem('touch x')\n", ("w"):rep(300), "", "\\101\\n\\U+2603", "@M", "'",
}
for i, text in ipairs(hostile) do
  local path = ("%s/hostile%d"):format(folder, i)
  figure = plot.grid { plot.line({ { y = { 1, 2 }, label = text } }, { title = text, xlabel = text, ylabel = text, note = text }),
    plot.triangle({ { 1, 0, 0 }, { 0, 1, 0 } }, { labels = { text, text, text } }) }
  for _, extension in ipairs { ".svg", ".py" } do figure:save(path .. extension) end
  check(not system.exists(owned), "nothing was executed: " .. text)
  if system.find_program("python3") then
    local result = system.run({ "python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", path .. ".py" }, {})
    equal(result.status, 0, "Python reads it: " .. result.stderr)
  end
end
local _, drawn = saved(plot.line({ 1, 2 }, { title = [["q" \ `b` {x} @a ~b &c ^d _e $f 50% \n it's a_{S}]] }), "text")
drawn = drawn:gsub("<[^>]*>", ""):gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&amp;", "&"):gsub("%s+", " ")
check(drawn:find([["q" \ `b` {x} @a ~b &c ^d _e $f 50% \n it's aS]], 1, true), "shown as text: " .. drawn)

-- Legends stay clear of the data.
local function legend_of(f) return f.panels[1].legend.place end
equal(legend_of(plot.line({ { y = { 1, 2, 3, 4, 5 }, label = "up" } })), "top left")
equal(legend_of(plot.line({ { y = { 5, 4, 3, 2, 1 }, label = "down" } })), "top right")
equal(legend_of(plot.line({ { y = { 1, 2 }, label = ("long"):rep(30) } })), "outside")
figure = plot.hist({ { x = { 1, 2, 3, 4, 5, 6, 7, 8 }, label = "flat" } }, { bins = 4 })
check(figure.panels[1].y.max > 2.5, "the axis grows to make room")
check(figures.image.panels[1].legend == nil, "no legend without labels")

-- In a terminal.
local shown = testing.script([[
  local plot = require "plot"
  plot.line({ 1, 4, 9 }, { title = "squares" }):show()
  plot.image({ { 0, 1 }, { 2, 3 } }):show()
  plot.triangle({ { 1, 0, 0 }, { 0, 1, 0 }, { 0.3, 0.3, 0.4 } }):show()
]])
equal({ shown.status, shown.stderr }, { 0, "" })
check(shown.stdout:find("squares", 1, true) and shown.stdout:find("@@", 1, true), "shown with characters:\n" .. shown.stdout)
local drawing = [[
  local plot = require "plot"
  require("jetlua.core.system").run = function() error "no other program is needed" end
  plot.grid({ plot.line({ { y = { 1, 4, 9 }, label = "a" }, { y = { 3, 2, 1 }, label = "b" } }, { xlabel = "$p_T$ [GeV]", ylabel = "jets", logy = true }), plot.image({ { 0, 1 }, { 2, 3 } }) }):show()
  plot.hist({ { x = { 1, 2, 2 }, label = "h" }, { x = { 2, 3 }, label = "p" } }, { ratio = true, stamp = "toy" }):show()
]]
for _, one in ipairs { { "C", "[\128-\255]", false }, { "C.UTF-8", "└", true } } do
  local drawn = testing.script(drawing, {}, { environment = { LC_ALL = one[1], TERM = "xterm" } })
  equal({ drawn.status, drawn.stderr }, { 0, "" })
  check((drawn.stdout:find(one[2]) ~= nil) == one[3] and drawn.stdout:find("pT [GeV]", 1, true) and drawn.stdout:find("ratio to h", 1, true)
    and drawn.stdout:find("Toy study", 1, true) and not drawn.stdout:find("\27", 1, true), one[1] .. ":\n" .. drawn.stdout)
end
local canvas = require "jetlua.plot.canvas"
local area = canvas.new(2, 1, { unicode = true, colour = true })
area:line(0, 0, 3, 0, "#0072B2")
equal(area:lines(), { "\27[38;2;0;114;178m⣀⣀\27[0m" })
local sixels = testing.script([[require("plot").line({ 1, 4, 9 }):show()]], {}, { environment = { JETLUA_SIXEL = "1" } })
check(sixels.status == 0 and sixels.stdout:find("^\27Pq\"1;1;%d+;%d+") and sixels.stdout:find("\27\\\n$"), "a picture of sixels")

-- Without gnuplot the error says what to install, and a file that is there stays.
local path = folder .. "/kept.pdf"
system.write_file(path, "old")
local find_program = system.find_program
system.find_program = function() return nil end
raises("figure:save: gnuplot: expected the program, found none; install the Debian package gnuplot-nox", figures.line.save, figures.line, path)
system.find_program = find_program
local run = system.run
system.run = function() return { status = 1, stdout = "", stderr = "line 0: oh\nno\n" } end
raises("figure:save: gnuplot failed (status 1): line 0: oh no", figures.line.save, figures.line, path)
system.run = run
equal(system.read_file(path), "old")
check(not system.exists(folder .. "/kept.csv"), "no numbers without their figure")

testing.finish()
