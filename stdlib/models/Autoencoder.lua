local Model = require "jetlua.models.Model"
local expect = require "jetlua.internal.expect"
local networks = require "jetlua.models.networks"
local raise = require "jetlua.internal.raise"
local reconstruction = require "jetlua.models.reconstruction"
local text = require "jetlua.internal.text"

local known = { "bottleneck", "mse", table.unpack(networks.options) }

--- The autoencoder of arXiv:2104.08291, section 2: encoder, a bottleneck of few numbers, decoder, and the squared error between
--- a jet and its reconstruction.
---
---     models.Autoencoder{input = 16, hidden = {8}, bottleneck = 2} --> models.Autoencoder(16 -> 2 -> 16): … parameters …
---@class models.Autoencoder: models.Model
---@operator call(any): tensor
---@field bottleneck integer dimensions of the bottleneck
local Autoencoder = Model.class "Autoencoder"

--- `input` numbers per jet (1600; or `size`, the side of square images), `bottleneck` (1), and the networks: `encoder` and
--- `decoder`, or `filters` ({{10, 10}, {10, 5}}, halved between the groups), `kernel` (5), `hidden` ({100}; alone it makes a dense
--- network), `activation` ("SELU"). `mse` is "sum" over the numbers of a jet, or "mean".
---@param options? table
function Autoencoder:init(options)
  local where = self.short
  local given = expect.options(where, options, known)
  local o = networks.settings(where, given)
  o.bottleneck = expect.number(where, "bottleneck", given.bottleneck == nil and 1 or given.bottleneck, { integer = true, min = 1, max = 100000 })
  o.mse = reconstruction.choice(where, given.mse)
  self:settle(o)
  self.bottleneck, self.latent, self.mse = o.bottleneck, o.bottleneck, o.mse
  networks.install(self, where, given, o, o.bottleneck, 1)
  if o.dtype ~= "float32" then self:to(o.dtype) end
end

--- The bottleneck, with a graph.
---@private
function Autoencoder:posterior(x) return self.encoder(x) end

--- The loss of jets: `total` and `reconstruction`, the squared error.
---
---     model = models.Autoencoder{input = 4, hidden = {3}}
---     model:loss(tensor.ones(5, 4), {reduction = "none"}).total.shape --> {5}
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@param options? { weight: tensor|nil, reduction: "mean"|"sum"|"none"|nil } weights of the jets `[N]`; "mean" over the batch if left out
---@return { total: tensor, reconstruction: tensor }
function Autoencoder:loss(x, options)
  local given = self:loss_options(options)
  if given.noise ~= nil then raise("Autoencoder: loss: noise: an autoencoder takes no sample; leave it out") end
  x = self:rows("Autoencoder: loss", x)
  return self:reduced({ { "reconstruction", reconstruction.error(self.decoder(self.encoder(x)), x, self.mse), 1 } }, given)
end

--- Anomaly scores per jet, higher = more anomalous: `mse` `[N]`, the squared error, and `latent` `[N, bottleneck]`.
---
---     models.Autoencoder{input = 4, hidden = {3}}:scores(tensor.ones(5, 4)).mse.shape --> {5}
---@param x tensor|sparse_rows|jets.Images `[N, input]`
---@return { mse: tensor, latent: tensor }
function Autoencoder:scores(x)
  return self:in_chunks("Autoencoder: scores", x, function(part)
    local z = self.encoder(part)
    return { latent = z, mse = reconstruction.error(self.decoder(z), part, self.mse) }
  end)
end

function Autoencoder:title() return ("models.Autoencoder(%d -> %s -> %d)"):format(self.input, text.number(self.bottleneck), self.input) end

return Autoencoder
