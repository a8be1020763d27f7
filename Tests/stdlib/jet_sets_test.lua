-- Rows of constituents, resampling, folds and saving of jet sets.
local testing = dofile(arg[0]:match("^(.-)[^/]*$") .. "testing.lua")
local jets = require "jets"
local tensor = require "tensor"
local equal, raises, check, near = testing.equal, testing.raises, testing.check, testing.near

local sample = jets.sample()
tensor.manual_seed(4)
local train, test = sample:shuffle():take(1000):split(0.8)

-- Constituents: the scaler comes with the training set and makes the test set's rows.
local rows = train:constituents { n = 20, align = true, scale = "robust" }
equal(rows.x.shape, { 800, 80 })
equal({ rows.recipe.n, rows.recipe.align, rows.recipe.scale, #rows.recipe.center, #rows.recipe.spread }, { 20, true, "robust", 80, 80 })
for _, column in ipairs { 1, 2, 40 } do
  near(rows.x:select(2, column):median():item(), 0, 0.02, "the median of a column is 0")
end
equal(test:constituents(rows.recipe).recipe, rows.recipe)
equal(rows.x.recipe, rows.recipe, "a tensor of rows knows how they were made")
equal((rows.x + 1).recipe, nil)
equal({ #rows, rows.label.dtype, #rows.mass, #rows.weight }, { 800, "int64", 800, 800 })
equal(rows.index:totable(), train.index:totable())
local seen = 0
for batch in rows:batches(300) do
  seen = seen + #batch
  equal({ batch.x.shape[2], #batch.label, batch.x.recipe.n }, { 80, #batch, 20 })
end
equal(seen, 800)
local first, second = rows:split(0.5)
equal({ #first, #second, first:class_name(1) }, { 400, 400, "top" })
equal(first.x.recipe, rows.recipe)
local plain = train:constituents { n = 5, scale = "none", align = false, normalise = true }
equal(plain.recipe, { n = 5, align = false, scale = "none", normalise = true })
raises('did you mean "align"?', train.constituents, train, { alig = false })
raises("unknown option", train.constituents, train, train:take(5):images().recipe)
raises("n: expected an integer in 1...1000, got 0", train.constituents, train, { n = 0 })
raises("center and spread: expected 8 numbers each for n = 2", train.constituents, train, { n = 2, center = { 1 }, spread = { 1 } })
raises('scale: expected one of "robust", "none"', train.constituents, train, { scale = "robst" })

-- Matching spectra.
local top, qcd = sample:where("label == 1"), sample:where("label == 0")
local matched, report = top:match(qcd, { column = "mass", width = 5 })
equal(report.n, #matched)
check(report.largest <= 10 and report.effective <= report.distinct and report.covered > 0 and report.covered <= 1 and report.low < report.high)
tensor.manual_seed(11)
local a = top:match(qcd, { n = 500 }).index
tensor.manual_seed(11)
check(not a:ne(top:match(qcd, { n = 500 }).index):any():item(), "the same seed draws the same jets")
raises("match: reference: expected a jet set", top.match, top, 3)
raises("cap: expected", top.match, top, qcd, { cap = 0 })

-- Folds.
tensor.manual_seed(3)
local folds, all = train:folds(4), {}
for _, fold in ipairs(folds) do
  equal(#fold.train + #fold.test, 800)
  for _, index in ipairs(fold.test.index:totable()) do
    check(not all[index], "a jet is tested once")
    all[index] = true
  end
end
raises("folds: k: expected", train.folds, train, 1)

-- Saving.
local path = testing.scratch() .. "/mine.h5"
local mixed = sample:mix { signal = "qcd", background = "top", ratio = 0.1, n = 300 }
mixed:save(path)
local back = jets.open(path)
equal({ #back, back.label:sum():item(), back.format }, { 330, 30, "top tagging" })
check(back.mass:eq(mixed.mass):all():item())
raises("there is no folder", mixed.save, mixed, testing.scratch() .. "/missing/x.h5")
raises("save: path", mixed.save, mixed)

testing.finish()
