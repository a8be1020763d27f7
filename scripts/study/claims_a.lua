-- The claims of arXiv:2104.08291, each with the criterion by which a seed confirms it. The criteria were fixed before the trainings.

local each = require("study.judging").each

local function auc(numbers, score) return numbers.scores[score].auc end

--- The mean of the last quarter of a list; NaN is left out.
local function late(list)
  local sum, n = 0, 0
  for i = math.max(1, math.floor(#list * 3 / 4)), #list do
    if type(list[i]) == "number" and list[i] == list[i] then sum, n = sum + list[i], n + 1 end
  end
  return n > 0 and sum / n or 0
end

--- The first epoch from which on the loss stays within 2 % of its fall of where it ends (mean of the last twentieth).
local function converged(loss)
  local n = #loss
  local tail, sum = math.max(1, n // 20), 0
  for i = n - tail + 1, n do sum = sum + loss[i] end
  local last = sum / tail
  for i = n, 1, -1 do
    if math.abs(loss[i] - last) > 0.02 * (loss[1] - last) then return i + 1 end
  end
  return 1
end

local function smallest(ratios)
  local least = ratios[1]
  for _, ratio in ipairs(ratios) do least = math.min(least, ratio) end
  return least
end

local function has(ratios, wanted)
  for _, ratio in ipairs(ratios) do
    if ratio == wanted then return true end
  end
  return false
end

local function ends(R, ratios, kind, signal, judge)
  local rare = smallest(ratios)
  if not has(ratios, 1) or rare == 1 then return nil end
  return each(R, { ("%s %s 1"):format(kind, signal), ("%s %s %g"):format(kind, signal, rare) }, judge)
end

return {
  {
    id = "A1", remark = "a VAE that shifts and scales as a whole keeps the order of its jets, which is what tags; the displacement counts it all the same.",
    claim = "The AE bottleneck keeps drifting after the loss has converged, the VAE latent space does not",
    criterion = "last quarter of the epochs, per epoch: AE above 1.5 × VAE, by the mean displacement in units of the spread, and by 1 − |rank correlation| from epoch to epoch",
    judge = function(R)
      return each(R, { "dense ae", "dense vae" }, function(ae, vae)
        local a, v, ra, rv = late(ae.drift.displacement), late(vae.drift.displacement), late(ae.drift.rank), late(vae.drift.rank)
        return { { "by displacement", a > 1.5 * v }, { "by the order of the jets", ra > 1.5 * rv } },
          { { "drift AE", a }, { "drift VAE", v }, { "rank drift AE", ra }, { "rank drift VAE", rv }, { "scale drift VAE", late(vae.drift.scale) }, { "shift VAE", late(vae.drift.shift) } }
      end)
    end,
  },
  {
    id = "A2", claim = "The GMVAE is bimodal and no better than the VAE",
    criterion = "Ashman distance of the prior above 2, valley between the latent modes deeper than 0.2, and AUC at most 0.02 above the VAE's",
    judge = function(R)
      return each(R, { "dense gmvae", "dense vae" }, function(gmvae, vae)
        local a, v = auc(gmvae, "latent"), auc(vae, "latent")
        return { { "prior's modes apart", gmvae.ashman > 2 }, { "latent space bimodal", gmvae.valley > 0.2 }, { "no better than the VAE", a <= v + 0.02 } },
          { { "Ashman distance", gmvae.ashman }, { "valley", gmvae.valley }, { "AUC GMVAE", a }, { "AUC VAE", v } }
      end)
    end,
  },
  {
    id = "A3", claim = "The DVAE with R = 2 is bimodal and better than the VAE", paper = "about 0.83 → 0.89 [?]; notebook 0.88 [C]",
    criterion = "valley in the latent distribution deeper than 0.2 and AUC above the VAE's by more than 0.01",
    judge = function(R)
      return each(R, { "dvae top 1", "dense vae" }, function(dvae, vae)
        local a, v = auc(dvae, "declared"), auc(vae, "latent")
        return { { "bimodal", dvae.valley > 0.2 }, { "better than the VAE", a > v + 0.01 } }, { { "valley", dvae.valley }, { "AUC DVAE", a }, { "AUC VAE", v } }
      end)
    end,
  },
  {
    id = "A4", claim = "For rare tops the mixture AUC falls and the reconstruction AUC rises as S/B falls",
    criterion = "from S/B = 1 to the smallest: weight AUC lower, cross-entropy AUC higher",
    judge = function(R, ratios)
      return ends(R, ratios, "dvae", "top", function(even, rare)
        local values = { { "weight AUC at 1", auc(even, "declared") }, { "weight AUC rare", auc(rare, "declared") }, { "reconstruction AUC at 1", auc(even, "cross_entropy") }, { "reconstruction AUC rare", auc(rare, "cross_entropy") } }
        return { { "mixture AUC falls", values[2][2] < values[1][2] }, { "reconstruction AUC rises", values[4][2] > values[3][2] } }, values
      end)
    end,
  },
  {
    id = "A5", claim = "For rare QCD jets reconstruction fails while the latent score holds",
    criterion = "at the smallest S/B: cross-entropy AUC below 0.5, weight AUC above 0.6",
    judge = function(R, ratios)
      return ends(R, ratios, "dvae", "qcd", function(_, rare)
        local values = { { "reconstruction AUC rare", auc(rare, "cross_entropy") }, { "weight AUC rare", auc(rare, "declared") }, { "KL reconstruction AUC rare", auc(rare, "kl_reconstruction") } }
        return { { "reconstruction fails", values[1][2] < 0.5 }, { "latent score holds", values[2][2] > 0.6 } }, values
      end)
    end,
  },
  {
    id = "A6", remark = "where another weight than the declared one takes the rare class, the training has found another arrangement of nearly the same loss; the best of three says what the latent space holds.",
    claim = "With R = 3 and a hierarchical prior rare QCD is tagged far better, best by the middle weight; rare tops best by the rarest",
    criterion = "QCD in tops at 0.05: weight 2 is the best of three, and the best of three beats R = 2 by 0.02; tops in QCD: weight 3 is the best",
    judge = function(R)
      return each(R, { "dvae3 top 0.05", "dvae3 qcd 0.05", "dvae qcd 0.05" }, function(top, qcd, two)
        local function best(n)
          local found = 1
          for i = 2, 3 do
            if auc(n, "weight_" .. i) > auc(n, "weight_" .. found) then found = i end
          end
          return found
        end
        local q, t = best(qcd), best(top)
        local values = { { "AUC R = 2, rare QCD", auc(two, "declared") } }
        for i = 1, 3 do values[#values + 1] = { ("AUC weight %d, rare QCD"):format(i), auc(qcd, "weight_" .. i) } end
        for i = 1, 3 do values[#values + 1] = { ("AUC weight %d, rare tops"):format(i), auc(top, "weight_" .. i) } end
        values[#values + 1] = { "best of three, rare QCD", auc(qcd, "weight_" .. q) }
        values[#values + 1] = { "training loss, rare QCD", qcd.loss[#qcd.loss] }
        return {
          { "rare QCD tagged better than with R = 2", auc(qcd, "weight_" .. q) > auc(two, "declared") + 0.02 }, { "rare QCD best by weight 2", q == 2 }, { "rare tops best by weight 3", t == 3 },
        }, values
      end)
    end,
  },
  {
    id = "A7", claim = "At small S/B the rare mixture's image turns from three-prong to two-prong",
    criterion = "N-subjettiness of the rare mixture's pixels: τ32 at the smallest S/B above that at S/B = 1 by 0.02",
    judge = function(R, ratios)
      return ends(R, ratios, "dvae", "top", function(even, rare)
        local a, b = even.looks[even.declared], rare.looks[rare.declared]
        return b.tau32 > a.tau32 + 0.02, { { "τ32 at 1", a.tau32 }, { "τ32 rare", b.tau32 }, { "τ21 at 1", a.tau21 }, { "τ21 rare", b.tau21 } }
      end)
    end,
  },
  {
    id = "A8", remark = "the cross-entropy includes the entropy of the jet's own plane, which falls with fewer splittings; the KL reconstruction does not.",
    claim = "Lund images: the reconstruction tags neither class, the latent space does",
    criterion = "at S/B = 0.05 for both signals: cross-entropy AUC below 0.6, weight AUC above 0.6",
    judge = function(R)
      return each(R, { "lund top 0.05", "lund qcd 0.05" }, function(top, qcd)
        local values = {
          { "reconstruction AUC tops", auc(top, "cross_entropy") }, { "reconstruction AUC QCD", auc(qcd, "cross_entropy") }, { "weight AUC tops", auc(top, "declared") }, { "weight AUC QCD", auc(qcd, "declared") },
          { "KL reconstruction AUC tops", auc(top, "kl_reconstruction") }, { "KL reconstruction AUC QCD", auc(qcd, "kl_reconstruction") },
        }
        return {
          { "reconstruction does not tag tops", values[1][2] < 0.6 }, { "nor QCD", values[2][2] < 0.6 }, { "latent space tags tops", values[3][2] > 0.6 }, { "and QCD", values[4][2] > 0.6 },
        }, values
      end)
    end,
  },
  {
    id = "A9", claim = "AE reconstruction AUC below 0.5 for QCD in tops", criterion = "squared error, S/B = 0.05, bottleneck 1: AUC below 0.5",
    judge = function(R)
      return each(R, { "dense ae rare qcd" }, function(ae) return auc(ae, "mse") < 0.5, { { "AUC", auc(ae, "mse") } } end)
    end,
  },
  {
    id = "A10", claim = "A bottleneck of 30 against 1: better reconstruction, good reconstruction tagging, latent space no classifier",
    criterion = "tops in QCD at 0.05: error on test jets lower, reconstruction AUC above 0.7, |latent AUC − 0.5| smaller than with bottleneck 1",
    judge = function(R)
      return each(R, { "dense ae rare tops 1", "dense ae rare tops 30" }, function(one, thirty)
        local values = {
          { "error 1", one.test_error }, { "error 30", thirty.test_error }, { "reconstruction AUC 1", auc(one, "mse") }, { "reconstruction AUC 30", auc(thirty, "mse") },
          { "latent AUC 1", auc(one, "latent") }, { "latent AUC 30", auc(thirty, "latent") },
        }
        return {
          { "better reconstruction", values[2][2] < values[1][2] }, { "reconstruction tags", values[4][2] > 0.7 },
          { "latent space a worse classifier", math.abs(values[6][2] - 0.5) < math.abs(values[5][2] - 0.5) },
        }, values
      end)
    end,
  },
  {
    id = "A11", claim = "Without the separation loss the GMVAE's modes merge; with it QCD is in both modes and tops in one, the modes follow the number of active pixels, a larger latent space reconstructs better and tags no better",
    criterion = "Ashman distance below 2 without and above 2 with; 10–90 % of QCD but over 90 % or under 10 % of tops in one mode; |rank correlation| with active pixels above 0.5; error lower and AUC at most 0.02 higher with 5 dimensions",
    judge = function(R)
      return each(R, { "dense gmvae", "dense gmvae merged", "dense gmvae wide" }, function(with, without, wide)
        local q, t = with.many_pixels.background, with.many_pixels.signal
        local values = {
          { "Ashman distance with", with.ashman }, { "Ashman distance without", without.ashman }, { "QCD in the mode of many pixels", q }, { "tops in it", t },
          { "|rank correlation| with active pixels", math.abs(with.active_pixels) }, { "error 1", with.test_error }, { "error 5", wide.test_error },
          { "AUC 1", auc(with, "latent") }, { "AUC 5", auc(wide, "latent") },
        }
        return {
          { "modes merge without", without.ashman < 2 }, { "stay apart with", with.ashman > 2 }, { "QCD in both modes", q > 0.1 and q < 0.9 }, { "tops in one", t > 0.9 or t < 0.1 },
          { "modes follow active pixels", math.abs(with.active_pixels) > 0.5 }, { "more dimensions reconstruct better", wide.test_error < with.test_error },
          { "and tag no better", auc(wide, "latent") <= auc(with, "latent") + 0.02 },
        }, values
      end)
    end,
  },
  {
    id = "A12", claim = "Results hardly change with α × 2 and ÷ 2", criterion = "S/B = 0.05, both signals: weight AUC within 0.03 of that with the α of the paper",
    judge = function(R)
      local names = {}
      for _, signal in ipairs { "top", "qcd" } do
        for _, form in ipairs { "dvae %s 0.05", "dvae %s 0.05 alpha x 0.5", "dvae %s 0.05 alpha x 2" } do names[#names + 1] = form:format(signal) end
      end
      return each(R, names, function(t, t_half, t_double, q, q_half, q_double)
        local values, worst = {}, 0
        for _, case in ipairs { { "tops, α", t, t }, { "tops, α/2", t_half, t }, { "tops, 2α", t_double, t }, { "QCD, α", q, q }, { "QCD, α/2", q_half, q }, { "QCD, 2α", q_double, q } } do
          values[#values + 1] = { case[1], auc(case[2], "declared") }
          worst = math.max(worst, math.abs(auc(case[2], "declared") - auc(case[3], "declared")))
        end
        return worst < 0.03, values
      end)
    end,
  },
  {
    id = "A13", claim = "The dominant class sits at the large-α weight", criterion = "S/B = 0.05, both signals: mean weight 1 of the background above one half and above that of the signal",
    judge = function(R)
      return each(R, { "dvae top 0.05", "dvae qcd 0.05" }, function(top, qcd)
        local values = { { "weight 1 of QCD, rare tops", top.average.background[1] }, { "of tops", top.average.signal[1] }, { "weight 1 of tops, rare QCD", qcd.average.background[1] }, { "of QCD", qcd.average.signal[1] } }
        return {
          { "QCD among rare tops", values[1][2] > 0.5 and values[1][2] > values[2][2] }, { "tops among rare QCD", values[3][2] > 0.5 and values[3][2] > values[4][2] },
        }, values
      end)
    end,
  },
  {
    id = "A14", claim = "R = 3: the rarer the mixture the wider its image; the images for rare tops are nearly mirror symmetric; the middle mixture for rare QCD is QCD-like",
    criterion = "rare tops: mean distance from the centre rises with 1/α, correlation of every image with its mirror image above 0.8; rare QCD: mixture 2 correlates more with the average QCD than with the average top jet",
    judge = function(R)
      return each(R, { "dvae3 top 0.05", "dvae3 qcd 0.05" }, function(top, qcd)
        local w, m, values = {}, 1, {}
        for i = 1, 3 do
          w[i], m = top.looks[i].width, math.min(m, top.looks[i].mirror)
          values[i] = { ("width %d [pixels]"):format(i), w[i] }
        end
        values[4], values[5], values[6] = { "least mirror correlation", m }, { "mixture 2 with QCD", qcd.looks[2].like_signal }, { "with tops", qcd.looks[2].like_background }
        return {
          { "the rarer the wider", w[1] < w[2] and w[2] < w[3] }, { "mirror symmetric", m > 0.8 }, { "middle mixture QCD-like", qcd.looks[2].like_signal > qcd.looks[2].like_background },
        }, values
      end)
    end,
  },
  {
    id = "A15", claim = "QCD tagging has the better ROC at low ε_S", criterion = "balanced sample, mixture weight: 1/ε_B at ε_S = 0.1 higher for QCD than for tops",
    judge = function(R)
      return each(R, { "dvae qcd 1", "dvae top 1" }, function(qcd, top)
        local q, t = qcd.scores.declared["rejection_0.1"], top.scores.declared["rejection_0.1"]
        local function named(class, numbers) return ("1/ε_B(0.1) %s%s"):format(class, numbers.scores.declared["rejection_0.1_limit"] and ", at least" or "") end
        return q > t, { { named("QCD", qcd), q }, { named("tops", top), t } }
      end)
    end,
  },
  {
    id = "A16", claim = "Centring alone gives nearly the result of full preprocessing", criterion = "balanced sample: weight AUC within 0.02",
    judge = function(R)
      return each(R, { "dvae centred top 1", "dvae top 1" }, function(centred, full)
        local c, f = auc(centred, "declared"), auc(full, "declared")
        return math.abs(c - f) < 0.02, { { "AUC centred", c }, { "AUC full", f } }
      end)
    end,
  },
  {
    id = "A17", claim = "The loss has converged before epoch 200", criterion = "of 200 epochs, from epoch 180 on the loss stays within 2 % of its whole fall of its final value",
    judge = function(R)
      return each(R, { "dvae long top 1" }, function(long)
        -- A shorter training cannot say what is true of 200 epochs.
        if #long.loss < 200 then return nil, { { "epochs", #long.loss } } end
        local epoch = converged(long.loss)
        return epoch <= 180, { { "converged at epoch", epoch }, { "final loss", long.loss[#long.loss] }, { "training time [s]", long.training_seconds } }
      end)
    end,
  },
}
