local plot = require "plot"

--- The mean drift over seeds with its spread.
local function series(R, name, label)
  local x, y, errors, list = {}, {}, {}, R:numbers(name)
  for k, epoch in ipairs(list[1].drift.epoch) do
    local sum, squares, n = 0, 0, 0
    for _, numbers in ipairs(list) do
      local value = numbers.drift.displacement[k]
      -- A latent space that has collapsed has no unit to measure its drift in.
      if type(value) == "number" and value == value then sum, squares, n = sum + value, squares + value ^ 2, n + 1 end
    end
    if n > 0 then
      x[#x + 1], y[#y + 1] = epoch, sum / n
      errors[#y] = n > 1 and math.sqrt(math.max(0, (squares - sum ^ 2 / n) / (n - 1))) or 0
      errors[#y] = math.min(errors[#y], 0.9 * y[#y])
    end
  end
  return { x = x, y = y, error = errors, label = label }
end

return { id = "A drift", title = "Drift of the latent space", needs = { "dense ae", "dense vae" }, draw = function(R)
  local panels = {}
  for _, kind in ipairs { "dense", "conv" } do
    if R:has(kind .. " ae", kind .. " vae") then
      local curves = { series(R, kind .. " ae", "AE"), series(R, kind .. " vae", "VAE") }
      if R:has(kind .. " gmvae") then curves[3] = series(R, kind .. " gmvae", "GMVAE") end
      if R:has "dvae top 1" then curves[#curves + 1] = series(R, "dvae top 1", "Dirichlet-VAE") end
      panels[#panels + 1] = plot.line(curves, { xlabel = "epoch", ylabel = "mean |Δz| / spread of z, per epoch", logy = true, title = kind == "dense" and "dense networks" or "convolutional networks" })
    end
  end
  return plot.grid(panels), "How far the latent coordinates of the same jets move from one epoch to the next, in units of their spread over jets; mean over the seeds with their standard deviation.", R:how "dense ae"
end }
