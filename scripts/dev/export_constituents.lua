-- Writes the 20 hardest constituents of jets, as they are in the file, for Tests/reference/constituent_models.py:
--   jetlua scripts/dev/export_constituents.lua --train qcd.h5 --test both.h5 --outliers w.h5 --out jets.npz

local jets, options, tensor = require "jets", require "options", require "tensor"

local o = options {
  { "train", nil, "file whose jets of label 0 are trained on; the bundled sample if left out", type = "string" },
  { "test", nil, "file whose jets are judged; the bundled sample if left out", type = "string" },
  { "outliers", nil, "file whose jets of label 1 are the outliers; the bundled sample if left out", type = "string" },
  { "out", "jets.npz", "what to write" },
}

local function open(path) return path and jets.open(path) or jets.sample() end
local function raw(set) return set:constituents({ n = 20, align = false, scale = "none" }).x end

local train, test, outliers = open(o.train):where("label == 0"), open(o.test), open(o.outliers):where("label == 1")
tensor.save(o.out, {
  train = raw(train), train_mass = train.mass, test = raw(test), test_mass = test.mass, test_label = test.label,
  outliers = raw(outliers), outliers_mass = outliers.mass,
})
