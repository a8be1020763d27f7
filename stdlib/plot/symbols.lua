-- What LaTeX names between dollar signs stand for.

local symbols = {
  alpha = "α", beta = "β", gamma = "γ", delta = "δ", epsilon = "ε", varepsilon = "ε", zeta = "ζ", eta = "η", theta = "θ", vartheta = "ϑ",
  iota = "ι", kappa = "κ", lambda = "λ", mu = "μ", nu = "ν", xi = "ξ", pi = "π", rho = "ρ", sigma = "σ", tau = "τ", upsilon = "υ",
  phi = "ϕ", varphi = "φ", chi = "χ", psi = "ψ", omega = "ω",
  Gamma = "Γ", Delta = "Δ", Theta = "Θ", Lambda = "Λ", Xi = "Ξ", Pi = "Π", Sigma = "Σ", Upsilon = "Υ", Phi = "Φ", Psi = "Ψ", Omega = "Ω",
  ell = "ℓ", hbar = "ħ", partial = "∂", nabla = "∇", infty = "∞", sum = "∑", prod = "∏", int = "∫", langle = "⟨", rangle = "⟩",
  cdot = "·", circ = "°", prime = "′", dagger = "†", ldots = "…", dots = "…", perp = "⊥", parallel = "∥", mid = "|", degree = "°",
  log = "log", ln = "ln", exp = "exp", sin = "sin", cos = "cos", tan = "tan", tanh = "tanh", max = "max", min = "min",
  ["{"] = "{", ["}"] = "}", ["%"] = "%", ["$"] = "$", ["_"] = "_", ["&"] = "&", ["#"] = "#",
  quad = "  ", [","] = "\u{2009}", [";"] = " ", [":"] = " ", [" "] = " ", ["!"] = "", left = "", right = "",
}

-- Relations and operators have room around them.
local relations = {
  pm = "±", mp = "∓", times = "×", leq = "≤", le = "≤", geq = "≥", ge = "≥", neq = "≠", ne = "≠", approx = "≈", sim = "∼", simeq = "≃",
  propto = "∝", equiv = "≡", ll = "≪", gg = "≫", to = "→", rightarrow = "→", leftarrow = "←", ["in"] = "∈",
}
for name, symbol in pairs(relations) do symbols[name] = " " .. symbol .. " " end

return symbols
