---@meta models

-- Written by scripts/dev/stubs from the texts that help shows. Change those, not this file.

do
--- A variational autoencoder whose latent space is a simplex: softmax of a Gaussian with the prior that stands for Dir(alpha), and a decoder without bias whose weights are the mixtures (arXiv:2104.08291, section 4). `model(x)` reconstructs.
---
--- ```lua
--- models.DirichletVAE{input = 16, hidden = {8}, alpha = {1, 1}} --> models.DirichletVAE(16 -> 8 -> 2 mixtures, alpha {1.0, 1.0}, beta 0.1) …
--- ```
---@class models.DirichletVAE
---@field recipe table? How the images were made that the model was trained on, as options of `images`; nil where that is not known. It comes with the images of a training step; `model.recipe = images.recipe` sets it. Images of another recipe raise.
---@operator call(tensor|sparse_rows): tensor
local class = {}

--- Which mixture weight is the anomaly score, declared before any label is seen: that of the smallest alpha, and with equal alphas that of the wider mixture image (the narrower one for the signal "qcd").
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}, alpha = {1, 0.25}}:anomaly_weight() --> 2
--- ```
---@param options? {signal: "top"|"qcd"} default "top"
---@return integer from 1
function class:anomaly_weight(options) end

--- The images of latent points: softmax over pixels of the decoder at softmax(z).
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:decode(tensor{{0, 0}}).shape --> {1, 4}
--- ```
---@param z tensor [N, R], before the softmax
---@return tensor [N, input], each row a distribution
function class:decode(z) end

--- Mean and logarithm of the variance of the posterior Gaussian, before the softmax.
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- #model:encode(tensor.ones(5, 4) / 4) --> 5
--- ```
---@param x tensor|sparse_rows images [N, input]
---@return tensor mu [N, R]
---@return tensor logvar [N, R]
function class:encode(x) end

--- Puts the model in evaluation mode.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:eval() --> models.DirichletVAE(4 -> 3 -> 2 mixtures, …
--- ```
---@return models.DirichletVAE self
function class:eval() end

--- The reconstruction: in evaluation mode at the posterior mean, in training mode at a sample.
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}:eval()
--- model:forward(tensor.ones(5, 4) / 4).shape --> {5, 4}
--- ```
---@param x tensor|sparse_rows images [N, input]
---@return tensor [N, input]
function class:forward(x) end

--- Images at points of the simplex.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:generate({0.5, 0.5}).shape --> {1, 4}
--- ```
---@param r tensor|number[] [N, R] or one point; numbers of at least 0 that sum to 1
---@return tensor [N, input]
function class:generate(r) end

--- Reads what a model of the same class and options wrote; what differs is raised, and then nothing has changed.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- a, b = models.DirichletVAE{input = 4, hidden = {3}}, models.DirichletVAE{input = 4, hidden = {3}}
--- a:save(name)
--- b:load(name):mixtures():eq(a:mixtures()):all():item(), os.remove(name) --> true true
--- ```
---@param path string
---@return any self
function class:load(path) end

--- Takes over numbers by name, as `state_dict` gives them. Raises where names or shapes differ, and then nothing has changed.
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:load_state_dict(model:state_dict()) == model --> true
--- ```
---@param state table<string, tensor>
---@return models.DirichletVAE self
function class:load_state_dict(state) end

--- The terms of the loss per jet: reconstruction −Σ x ln x′ and KL divergence from the prior, and total = reconstruction + beta · kl.
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:loss(tensor{{0, 1, 0, 0}}).total:dim() --> 0
--- ```
---@param x tensor|sparse_rows images [N, input], each summing to 1
---@param options? {weight: tensor, reduction: "mean"|"sum"|"none"} weights of the jets [N]; default "mean" over the batch
---@return {total: tensor, reconstruction: tensor, kl: tensor}
function class:loss(x, options) end

--- The image of each mixture: softmax over pixels of the decoder at the corners of the simplex.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:mixtures().shape --> {2, 4}
--- ```
---@return tensor [R, input], each row a distribution
function class:mixtures() end

--- Every parameter by name.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:named_parameters()["decoder.weight"].shape --> {4, 2}
--- ```
---@return named_tensors
function class:named_parameters() end

--- The options that make such a model again.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:options().hidden --> {3}
--- ```
---@return table
function class:options() end

--- Every parameter, as optimizers take them.
---
--- ```lua
--- #models.DirichletVAE{input = 4, hidden = {3}}:parameters() --> 7
--- ```
---@return tensor[]
function class:parameters() end

--- The prior: alpha, and mean and variance of the Gaussian that stands for Dir(alpha).
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}, alpha = {1, 1}}:prior() --> {alpha = {1, 1}, mu = {0, 0}, var = {0.5, 0.5}}
--- ```
---@return {alpha: number[], mu: number[], var: number[]}
function class:prior() end

--- Points of the simplex drawn from the prior.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:prior_samples(3).shape --> {3, 2}
--- ```
---@param n integer
---@param options? {kind: "softmax_gaussian"|"dirichlet"} the prior that the KL uses (default), or the Dirichlet distribution it stands for
---@return tensor [n, R]
function class:prior_samples(n, options) end

--- Writes weights, class, options and image recipe to a file in the format of safetensors; it appears whole or not at all.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- models.DirichletVAE{input = 4, hidden = {3}}:save(name)
--- models.load(name):options().hidden, os.remove(name) --> {3} true
--- ```
---@param path string
function class:save(path) end

--- Anomaly scores per jet, higher = more anomalous: `mse`, `cross_entropy`, `kl_reconstruction`, `kl`, `prior_distance` [N], and `latent`, `weights` [N, R]. At the posterior mean, without a graph, in chunks: deterministic and safe on a whole set.
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:scores(tensor.ones(5, 4) / 4).cross_entropy.shape --> {5}
--- ```
---@param x tensor|sparse_rows images [N, input]
---@return table<string, tensor>
function class:scores(x) end

--- Copies of all parameters by name.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:state_dict()["decoder.weight"].shape --> {4, 2}
--- ```
---@return table<string, tensor>
function class:state_dict() end

--- Puts the model in training mode.
---
--- ```lua
--- models.DirichletVAE{input = 4, hidden = {3}}:train() --> models.DirichletVAE(4 -> 3 -> 2 mixtures, …
--- ```
---@return models.DirichletVAE self
function class:train() end

--- The mixture weights at the posterior mean, r = softmax(mu).
---
--- ```lua
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:weights(tensor.ones(5, 4) / 4).shape --> {5, 2}
--- ```
---@param x tensor|sparse_rows images [N, input]
---@return tensor [N, R], each row sums to 1
function class:weights(x) end

end

--- The models of the two papers, and their training. Each has encode, decode, forward, loss and scores; see the names below.
---@class jetlua.models
local models = {}

--- The Dirichlet-VAE on jet images (arXiv:2104.08291, section 4).
---
--- `model:save(path)` keeps it with its class, options and the recipe of its images, `models.load(path)` gives it back.
---
--- ```lua
--- models.DirichletVAE{input = 16, hidden = {8}, alpha = {1, 0.25}} --> models.DirichletVAE(16 -> 8 -> 2 mixtures, alpha {1.0, 0.25}, beta 0.1) …
--- ```
---@param options? {input: integer, hidden: integer[], alpha: number[], beta: number, scale: boolean, dtype: "float32"|"float64"} 1600 pixels, one hidden layer of 100, alpha {1, 1}, beta 0.1 by default
---@return models.DirichletVAE
function models.DirichletVAE(options) end

--- Trains a model on images and returns how each term of its loss went, a list with one number per epoch: `history.total`, `history.kl`, …, `history.epoch`, and `history.valid_total`, … if there are images to validate with.
---
--- It stops early if `early_stopping` says so of `valid_total` (of `total` without `valid`); with `run` each epoch is logged there. A loss that is NaN raises, unless early stopping takes care of it.
---
--- ```lua
--- images = jets.sample():take(200):images()
--- model = models.DirichletVAE{input = 1600, hidden = {8}}
--- #models.fit(model, images, {epochs = 2, batch = 100}).total --> 2
--- ```
---@param model any what has `:loss(x)`, a table with `total`
---@param images jets.Images
---@param options? { epochs: integer|nil, batch: integer|nil, optimizer: any, valid: jets.Images|nil, early_stopping: any, run: run.Run|nil } epochs 50, batch 256, and Adam with the learning rate 5e-3 and betas {0.9, 0.99} by default
---@return table<string, number[]>
function models.fit(model, images, options) end

--- Makes the model that `model:save(path)` wrote, in evaluation mode, with its `recipe`: `jets.open(f):images(model.recipe)`.
---
--- ```lua
--- name = os.tmpname() .. ".safetensors"
--- model = models.DirichletVAE{input = 4, hidden = {3}}
--- model:save(name)
--- models.load(name):mixtures():eq(model:mixtures()):all():item(), os.remove(name) --> true true
--- ```
---@param path string
---@return any
function models.load(path) end

return models
