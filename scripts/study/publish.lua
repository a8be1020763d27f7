-- What the study shows: the page with all figures, and the results as Markdown.

local system = require "jetlua.core.system"
local comparison, page, tables, verdicts = require "study.comparison", require "study.page", require "study.tables", require "study.verdicts"

local publish = {}

local order = {
  "fig01", "fig03", "fig03_dense", "drift", "fig05", "fig05_dense", "fig07", "fig08", "converged", "fig09", "fig10", "fig11", "fig12", "fig13", "fig13_jets", "fig14", "fig15",
  "constituent_roc", "constituent_spectra", "constituent_frontier", "constituent_bump",
}

--- Draws every figure whose trainings are there; the others are named.
---@return table[] drawn {id, title, caption, how, path}, string[] missing
function publish.figures(R, ratios, folder, say)
  system.make_directory(folder)
  local drawn, missing = {}, {}
  for _, name in ipairs(order) do
    local figure = require("study.figures." .. name)
    local needs = figure.needs or {}
    if figure.scan then
      needs = {}
      for _, signal in ipairs { "top", "qcd" } do
        for _, ratio in ipairs(ratios) do needs[#needs + 1] = ("%s %s %g"):format(figure.scan, signal, ratio) end
      end
    end
    local picture, caption, how
    if R:has(table.unpack(needs)) then picture, caption, how = figure.draw(R, ratios) end
    if picture then
      local path = ("%s/%s.png"):format(folder, name)
      picture:save(path)
      drawn[#drawn + 1] = { id = figure.id, title = figure.title, caption = caption, how = how, path = path, name = name }
      say(("figure %s: %s"):format(figure.id, path))
    else
      missing[#missing + 1] = figure.id
    end
    collectgarbage()
  end
  return drawn, missing
end

--- All tables of numbers, with the claims first.
function publish.tables(R, o, data)
  local list = {
    { section = "Verdicts: arXiv:2104.08291", table = verdicts(require "study.claims_a", R, o.ratios) },
    { section = "Verdicts: arXiv:2007.01850", table = verdicts(require "study.claims_b", R, o.ratios) },
  }
  local first = true
  local function add(t)
    if t then
      list[#list + 1] = { section = first and "Tables" or nil, introduction = first and tables.legend or nil, table = t }
      first = false
    end
  end
  add(tables.data(data))
  add(tables.yardsticks(R))
  local reference = o.reference and comparison.read(o.reference)
  if reference then
    add(comparison.seeds(R, reference))
    add(comparison.paired(R, reference))
  end
  add(comparison.arrangements(R, reference))
  for _, t in ipairs(tables.images(R, o.ratios)) do add(t) end
  for _, t in ipairs(tables.constituents(R)) do add(t) end
  return list
end

--- The page.
function publish.page(path, R, o, data, drawn, missing, list, command)
  local parts = {
    "<h1>Anomalous jets with better latent spaces: a reproduction</h1>",
    "<p>Every number and picture on this page was computed by <code>" .. page.text(command) .. "</code> from the jets below. Papers: Dillon, Plehn, Sauer, Sorrenson, “Better Latent Spaces for Better Autoencoders” (arXiv:2104.08291, figures A…); Cheng, Arguin, Leissner-Martin, Pilette, Golling, “Variational Autoencoders for Anomalous Jet Tagging” (arXiv:2007.01850, figures B…). Verdicts follow from the numbers by the criteria that stand beside them.</p>",
  }
  if #missing > 0 then parts[#parts + 1] = "<p class=\"note\">Not in this run: figures " .. page.text(table.concat(missing, ", ")) .. ".</p>" end
  local links = {}
  for _, f in ipairs(drawn) do links[#links + 1] = ('<a href="#%s">%s. %s</a>'):format(page.anchor(f.id), page.text(f.id), page.text(f.title)) end
  parts[#parts + 1] = "<nav aria-label=\"Figures\">" .. table.concat(links) .. "</nav>"
  local tail = {}
  for _, entry in ipairs(list) do
    local out = entry.section and entry.section:find "^Verdicts" and parts or tail
    if entry.section then out[#out + 1] = "<h2>" .. page.text(entry.section) .. "</h2>" end
    if entry.introduction then out[#out + 1] = "<p>" .. page.text(entry.introduction) .. "</p>" end
    if entry.table.title then out[#out + 1] = "<h3>" .. page.text(entry.table.title) .. "</h3>" end
    out[#out + 1] = page.table(entry.table)
  end
  parts[#parts + 1] = "<h2>Figures</h2>"
  for _, f in ipairs(drawn) do parts[#parts + 1] = page.figure(f.id, f.title, f.caption, f.how, f.path) end
  for _, part in ipairs(tail) do parts[#parts + 1] = part end
  system.write_file(path, page.whole("Anomalous jets with better latent spaces: a reproduction", parts))
end

local function markdown(t)
  local out = {}
  local function line(cells)
    local copy = {}
    for i, cell in ipairs(cells) do copy[i] = cell:gsub("|", "\\|") end
    return "| " .. table.concat(copy, " | ") .. " |"
  end
  out[1] = line(t.head)
  local rule = {}
  for i = 1, #t.head do rule[i] = "---" end
  out[2] = line(rule)
  for _, row in ipairs(t.rows) do out[#out + 1] = line(row) end
  if t.note then out[#out + 1] = "\n" .. t.note end
  return table.concat(out, "\n")
end

--- The results as Markdown; pictures that `show` names are copied beside it into images/.
---@param show string[] names of figures
function publish.markdown(path, drawn, list, command, show)
  local out = {
    "# Results of the study\n",
    "Written by `" .. command .. "`, which also writes the page with all figures; nothing here is typed. Papers: arXiv:2104.08291 (A) and arXiv:2007.01850 (B). A verdict is reached for each seed by the criterion beside it: “holds” means for all seeds, “does not hold” for none; a claim of several parts holds in part where the parts differ, which the numbers begin with.\n",
  }
  local folder = path:match("^(.*)/[^/]*$") or "."
  for _, entry in ipairs(list) do
    if entry.section then out[#out + 1] = "## " .. entry.section .. "\n" end
    if entry.introduction then out[#out + 1] = entry.introduction .. "\n" end
    if entry.table.title then out[#out + 1] = "### " .. entry.table.title .. "\n" end
    out[#out + 1] = markdown(entry.table) .. "\n"
    if entry.section and entry.section:find "2007" then
      if system.exists(folder .. "/constituent_models.md") then
        out[#out + 1] = "Where outlier exposure and distance correlation get with other weights, margins, annealing and numbers of jets, and whether sensitivity and decorrelation are gained at once: [what it buys](constituent_models.md#what-it-buys).\n"
      end
      for _, f in ipairs(drawn) do
        for _, name in ipairs(show) do
          if f.name == name then
            system.make_directory(folder .. "/images")
            system.write_file(("%s/images/study_%s.png"):format(folder, name), system.read_file(f.path))
            out[#out + 1] = ("![Figure %s](images/study_%s.png)\n\nFigure %s. %s. %s %s.\n"):format(f.id, name, f.id, f.title, f.caption, f.how)
          end
        end
      end
    end
  end
  system.write_file(path, (table.concat(out, "\n"):gsub("\n+$", "\n")))
end

return publish
