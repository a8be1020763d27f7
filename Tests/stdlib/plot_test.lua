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
