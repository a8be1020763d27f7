-- The tables of the study: {title, head, rows, note}, for the page and for Markdown alike.

local metrics = require "metrics"
local arrangement, draw, methods = require "study.arrangement", require "study.draw", require "study.methods"

local tables = {}

--- "mean ± standard deviation", with digits that suit the number; "–" without one.
local function shown(over, digits)
  if not over then return "–" end
  local form = "%." .. (digits or (math.abs(over.mean) >= 100 and 0 or math.abs(over.mean) >= 10 and 1 or 3)) .. "f"
  return over.n and over.n > 1 and (form .. " ± " .. form):format(over.mean, over.std) or form:format(over.mean)
end
tables.shown = shown

local head = { "training", "score", "AUC", "AUC at equal mass", "1/ε_B(0.3)", "1/ε_B(0.5)", "JSD [nats]", "floor" }

--- One row of figures of a score; `of` picks its table from the numbers of a seed.
local function row(R, task, training, name, of)
  local function over(key, digits) return shown(R:over(task, function(n) return (of(n) or {})[key] end), digits) end
  local limited = false
  for _, n in ipairs(R:numbers(task)) do limited = limited or (of(n) or {})["rejection_0.3_limit"] end
  return { training, name, over("auc", 3), over("auc_equal_mass", 3), (limited and "> " or "") .. over("rejection_0.3", 1), over("rejection_0.5", 1), over("jsd", 4), over("jsd_floor", 4) }
end

--- Where the equal masses lie, in words.
local function bins_of(bins)
  if not bins then return "no mass bin holds enough jets of both classes for an AUC at equal mass" end
  return ("equal mass: %g to %g GeV in bins of %g GeV with at least %d jets of each class, effectively %.0f signal and %.0f background jets (first seed)"):format(
    bins.low, bins.high, bins.width, bins.min, bins.signal, bins.background)
end

tables.legend = "± is the standard deviation over the seeds. JSD: divergence of the background's mass spectra above and below the cut that half of it passes, bins of 5 GeV, in nats; floor: what equal spectra give by chance."

--- Figures of the image models: one table per part of the study.
function tables.images(R, ratios)
  local list = {}
  local function add(title, entries)
    local rows, last, note = {}, nil, nil
    for _, entry in ipairs(entries) do
      if R:has(entry.task) then
        note = note or bins_of(R:numbers(entry.task)[1].equal_mass)
        for i, score in ipairs(entry.scores) do
          rows[#rows + 1] = row(R, entry.task, i == 1 and entry.name or "", score[1], function(n) return n.scores[score[2]] end)
        end
        last = entry.task
      end
    end
    if last then
      rows[#rows + 1] = row(R, last, "baseline", "mass alone", function(n) return n.scores["mass alone"] end)
      list[#list + 1] = { title = title, head = head, rows = rows, note = note .. ". Last training of the table: " .. R:how(last) .. "." }
    end
  end
  local two = { { "declared weight", "declared" }, { "cross-entropy", "cross_entropy" }, { "KL reconstruction", "kl_reconstruction" } }
  local three = { { "weight 1", "weight_1" }, { "weight 2", "weight_2" }, { "weight 3, declared", "weight_3" }, { "cross-entropy", "cross_entropy" }, { "KL reconstruction", "kl_reconstruction" } }
  for _, kind in ipairs { { "dvae", "Dirichlet-VAE, R = 2, jet images" }, { "lund", "Dirichlet-VAE, R = 2, Lund planes" } } do
    for _, signal in ipairs { "top", "qcd" } do
      local entries = {}
      for _, ratio in ipairs(ratios) do entries[#entries + 1] = { task = ("%s %s %g"):format(kind[1], signal, ratio), name = ("S/B = %g"):format(ratio), scores = two } end
      add(("%s, %s"):format(kind[2], signal == "top" and "tops in QCD" or "QCD in tops"), entries)
    end
  end
  for _, signal in ipairs { "top", "qcd" } do
    local task = ("dvae3 %s 0.05"):format(signal)
    local ends = { { task = task, name = "α = (1, 0.25, 0.1), all seeds", scores = three } }
    if R:has(task) then
      local group, count = arrangement.lowest(R, task)
      ends[2] = { task = group, name = ("that ended as the one of the lowest loss: %s"):format(count), scores = { three[1], three[2], three[3] } }
    end
    add(("Dirichlet-VAE, R = 3, %s at S/B = 0.05"):format(signal == "top" and "tops in QCD" or "QCD in tops"), ends)
    local entries = { { task = ("dvae %s 0.05"):format(signal), name = "α = (1, 0.25)", scores = { two[1], two[2] } } }
    for _, factor in ipairs { 0.5, 2 } do
      entries[#entries + 1] = { task = ("dvae %s 0.05 alpha x %g"):format(signal, factor), name = ("α × %g"):format(factor), scores = { two[1], two[2] } }
    end
    if R:has(entries[2].task) then add(("α halved and doubled, %s at S/B = 0.05"):format(signal == "top" and "tops in QCD" or "QCD in tops"), entries) end
  end
  add("Dirichlet-VAE, R = 2, preprocessing and length of the training, balanced", {
    { task = "dvae top 1", name = "full preprocessing", scores = { two[1], two[2] } }, { task = "dvae centred top 1", name = "centred only", scores = { two[1], two[2] } },
    { task = "dvae long top 1", name = "long training, batch 100", scores = two },
  })
  for _, kind in ipairs { "conv", "dense" } do
    local network = kind == "conv" and "convolutional" or "dense"
    local ae, vae = { { "latent coordinate", "latent" }, { "squared error", "mse" } }, { { "latent coordinate", "latent" }, { "squared error", "mse" }, { "KL", "kl" } }
    local gmvae = { { "latent coordinate", "latent" }, { "squared error", "mse" }, { "−ln prior", "prior_distance" } }
    add(("AE, VAE and GMVAE, %s networks, balanced, tops as signal"):format(network), {
      { task = kind .. " ae", name = "AE", scores = ae }, { task = kind .. " vae", name = "VAE", scores = vae }, { task = kind .. " gmvae", name = "GMVAE", scores = gmvae },
      { task = kind .. " gmvae merged", name = "GMVAE without separation", scores = gmvae }, { task = kind .. " gmvae wide", name = "GMVAE, 5 dimensions", scores = gmvae },
    })
  end
  local ae = { { "latent coordinate", "latent" }, { "squared error", "mse" } }
  add("AE, rare tops (S/B = 0.05), dense networks", { { task = "dense ae rare tops 1", name = "bottleneck 1", scores = ae }, { task = "dense ae rare tops 30", name = "bottleneck 30", scores = ae } })
  add("AE, rare QCD (S/B = 0.05), dense network", { { task = "dense ae rare qcd", name = "bottleneck 1", scores = ae } })
  return list
end

--- How a class of jets is called: "w_120" is "W, 120 GeV", "higgs_174_20" is "Higgs, 174 → 20 GeV".
local function class_title(class)
  local kind, mass, inner = class:match("^(%a+)_?(%d*)_?(%d*)$")
  if not kind then return class end
  local name = kind == "higgs" and "Higgs, 4 prongs" or draw.names[kind] or kind
  if mass == "" then return name == "W" and "W, 80 GeV" or name == "top" and "top, 173 GeV" or name end
  return ("%s, %s GeV"):format(name, inner ~= "" and mass .. " → " .. inner or mass)
end

--- Model × signal: the score that each tagger is trained for, and the jet mass alone.
function tables.signals(R, order, labels, classes)
  local columns, rows = { "tagger", "score", "measure" }, {}
  for _, class in ipairs(classes) do columns[#columns + 1] = class_title(class) end
  local function add(task, label, score, key)
    for i, measure in ipairs { { "AUC", "auc" }, { "AUC at equal mass", "auc_equal_mass" }, { "1/ε_B(0.5)", "rejection_0.5" } } do
      local line = { i == 1 and label or "", i == 1 and score or "", measure[1] }
      for _, class in ipairs(classes) do
        line[#line + 1] = shown(R:over(task, function(n) return n.scores[class] and n.scores[class][key][measure[2]] end), i == 3 and 1 or 3)
      end
      rows[#rows + 1] = line
    end
    local line = { "", "", "JSD (floor) [nats]" }
    for c = 1, #classes do
      -- Mass sculpting is that of the background: one number for all signals.
      line[#line + 1] = c == 1 and ("%s (%s)"):format(shown(R:over(task, function(n) return n.scores[classes[1]][key].jsd end), 4), shown(R:over(task, function(n) return n.scores[classes[1]][key].jsd_floor end), 4)) or "same"
    end
    rows[#rows + 1] = line
  end
  for _, method in ipairs(methods) do
    if R:has(method.task) then add(method.task, labels[method.task], method.score:upper(), method.score) end
  end
  add(order[1], "baseline", "mass alone", "mass alone")
  return {
    title = "Taggers on constituents × signals, R = 0.8, 550 < pT < 650 GeV", head = columns, rows = rows,
    note = "QCD jets are the background. Outlier exposure has seen jets of one class only, with the background's mass spectrum; all the others are unlike its outliers. “–”: no mass bin holds enough jets of both classes. The sign of the mass alone is the one that separates. Training: " .. R:how(order[1]) .. ".",
  }
end

--- Figures of the taggers on constituents for each signal, what they know, their outliers, and the bump hunts.
function tables.constituents(R)
  local list = {}
  if not R:has "constituent vae" then return list end
  local names = { { "KL", "kl" }, { "MSE", "mse" }, { "loss", "loss" }, { "EMD", "emd" }, { "distance to the prior", "distance" } }
  local labels = { ["constituent vae"] = "VAE", disco = "DisCo-VAE, λ = 100", ["oe kl"] = "OE-VAE, KL, λ = 2", ["oe mse"] = "OE-VAE, MSE, λ = 2" }
  local order = {}
  for _, name in ipairs { "constituent vae", "disco", "oe kl", "oe mse" } do
    if R:has(name) then order[#order + 1] = name end
  end
  local first = R:numbers("constituent vae")[1]
  local classes = {}
  for class in pairs(first.scores) do classes[#classes + 1] = class end
  table.sort(classes)
  list[1] = tables.signals(R, order, labels, classes)
  for _, class in ipairs { "top", "w" } do
    if first.scores[class] then
      local rows = {}
      for _, task in ipairs(order) do
        for i, score in ipairs(names) do
          rows[#rows + 1] = row(R, task, i == 1 and labels[task] or "", score[1], function(n) return n.scores[class][score[2]] end)
        end
      end
      rows[#rows + 1] = row(R, "constituent vae", "baseline", "mass alone", function(n) return n.scores[class]["mass alone"] end)
      list[#list + 1] = {
        title = ("Constituents, R = 0.8: %s jets as signal, QCD jets as background"):format(draw.names[class]), head = head, rows = rows,
        note = bins_of(first.equal_mass[class]) .. ". The EMD is that of fewer jets. Training: " .. R:how "constituent vae" .. ".",
      }
    end
  end
  local rows = {}
  for _, task in ipairs(order) do
    local line = { labels[task] }
    for _, what in ipairs { "pt", "mass", "tau21" } do
      line[#line + 1] = shown(R:over(task, function(n) return n.learned[what].reconstructed end), 2)
      line[#line + 1] = shown(R:over(task, function(n) return n.learned[what].latent end), 2)
    end
    line[#line + 1] = shown(R:over(task, function(n) return n.active end), 1)
    line[#line + 1] = shown(R:over(task, function(n) return n.disco.kl end), 3)
    line[#line + 1] = shown(R:over(task, function(n) return n.disco.mse end), 3)
    line[#line + 1] = shown(R:over(task, function(n) return n.disco.shuffled end), 4)
    rows[#rows + 1] = line
  end
  list[#list + 1] = {
    title = "What the latent space knows of QCD jets",
    head = { "model", "pT in/out", "pT, z", "m in/out", "m, z", "τ21 in/out", "τ21, z", "active dimensions", "DisCo(KL, m)", "DisCo(MSE, m)", "shuffled" }, rows = rows,
    note = "in/out: rank correlation of a quantity of the jet's 20 constituents and of its reconstruction; z: the strongest rank correlation with a latent dimension; DisCo on QCD test jets, beside its value with shuffled masses.",
  }
  for _, task in ipairs(order) do
    if task:find "^oe" then
      local class = R:numbers(task)[1].outlier_class
      local line = {}
      for _, key in ipairs { "n", "distinct", "effective", "largest", "low", "high", "covered", "jsd" } do line[#line + 1] = shown(R:over(task, function(n) return n.outliers[key] end), (key == "covered" or key == "jsd") and 4 or 0) end
      list[#list + 1] = {
        title = ("The outliers: %s jets with the background's mass spectrum"):format(draw.names[class]),
        head = { "outliers", "distinct", "effective number", "largest repetition", "from [GeV]", "to [GeV]", "share of the background", "JSD there [nats]" }, rows = { line },
        note = "Drawn in bins of 5 GeV, none more than 10 times; the spectra match in the range given, which holds this share of the background.",
      }
      break
    end
  end
  rows = {}
  for _, method in ipairs(methods) do
    if R:has(method.task) then
      local found = {}
      for i = 1, R:count(method.task) do
        local bump = method.hunt(R:arrays(method.task, i), method.score)
        if bump then found[#found + 1] = { z = bump.z, z_background = bump.background.z, asimov = bump.asimov, uncut = bump.uncut and bump.uncut.z } end
      end
      local over = #found > 0 and metrics.over_seeds(found) or {}
      rows[#rows + 1] = { method.label, method.score:upper(), shown(over.uncut, 2), shown(over.z, 2), shown(over.asimov, 2), shown(over.z_background, 2) }
    end
  end
  list[#list + 1] = {
    title = "Bump hunt for tops among QCD jets, S/B = 0.05", head = { "model", "score", "Z without cut", "Z with cut", "expected from the signal", "Z on background alone" }, rows = rows,
    note = "Local significances of the window 150–200 GeV; a tenth of the background passes; exp(polynomial) in the side bands from 60 to 300 GeV. A Z on background alone far from 0 is a bump that the cut makes.",
  }
  return list
end

--- The files of jets.
function tables.data(data)
  local rows = {}
  for i, file in ipairs(data.files) do rows[i] = { file.name, file.role, tostring(file.jets), file.sha256 } end
  return { title = "Jets", head = { "file", "role", "jets", "SHA-256" }, rows = rows }
end

local yardsticks = {
  { task = "dvae long top 1", key = "declared", what = "DVAE R = 2, balanced, long training: AUC of the weight", known = "0.88, notebook, 1000 + 1000 jets [C]" },
  { task = "dvae long top 1", key = "kl_reconstruction", what = "AUC of the reconstruction (KL)", known = "0.85, notebook [C]" },
  { task = "dvae long top 1", key = "declared", field = "rejection_0.5", what = "1/ε_B(0.5) of the weight", known = "11.8, notebook [C]" },
  { task = "dvae top 1", key = "declared", what = "DVAE R = 2: AUC of the weight", known = "about 0.89, paper A [?]" },
  { task = "conv vae", key = "latent", what = "VAE, convolutional: AUC of the latent coordinate", known = "about 0.83, paper A [?]" },
  { task = "dense vae", key = "latent", what = "VAE, dense: AUC of the latent coordinate", known = "about 0.83, paper A [?]" },
  { task = "dvae top 1", key = "mass alone", what = "jet mass alone, tops", known = "0.87 on one public sample, 0.93 on this project's [C]" },
  { task = "constituent vae", class = "top", key = "kl", what = "constituent VAE, KL: AUC", known = "0.936, independent run" },
  { task = "constituent vae", class = "top", key = "kl", field = "auc_equal_mass", what = "constituent VAE, KL: AUC at equal mass", known = "0.615, independent run" },
  { task = "constituent vae", class = "top", key = "kl", field = "jsd", what = "constituent VAE, KL: JSD", known = "0.35, independent run" },
  { task = "oe kl", class = "top", key = "kl", what = "OE-VAE (KL form), KL: AUC", known = "0.735, independent run" },
  { task = "oe kl", class = "top", key = "kl", field = "auc_equal_mass", what = "OE-VAE: AUC at equal mass", known = "0.579, independent run" },
  { task = "oe kl", class = "top", key = "kl", field = "jsd", what = "OE-VAE: JSD", known = "0.092, independent run" },
  { task = "disco", class = "top", key = "mse", what = "DisCo-VAE, MSE: AUC", known = "0.862, independent run" },
  { task = "disco", class = "top", key = "mse", field = "auc_equal_mass", what = "DisCo-VAE: AUC at equal mass", known = "0.716, independent run" },
  { task = "disco", class = "top", key = "mse", field = "jsd", what = "DisCo-VAE: JSD", known = "0.066, independent run" },
}

--- Beside the numbers of the papers, the authors' notebook and an earlier independent run.
function tables.yardsticks(R)
  local rows = {}
  for _, y in ipairs(yardsticks) do
    if R:has(y.task) then
      local over = R:over(y.task, function(n)
        local scores = y.class and n.scores[y.class] or n.scores
        return scores and scores[y.key] and scores[y.key][y.field or "auc"]
      end)
      rows[#rows + 1] = { y.what, shown(over), y.known }
    end
  end
  return {
    title = "Beside published numbers", head = { "quantity", "here", "elsewhere" }, rows = rows,
    note = "[P] the paper's text, [C] the authors' public code or notebook, [?] remembered or from a third party. The samples are different: these numbers are for orientation. “Independent run”: PyTorch, 40,000 QCD jets of this project's sample.",
  }
end

return tables
