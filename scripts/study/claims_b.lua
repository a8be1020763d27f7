-- The claims of arXiv:2007.01850, each with the criterion by which a seed confirms it.

local each = require("study.judging").each

return {
  {
    id = "B1", claim = "The VAE encodes jet information: pT, mass and substructure are reconstructed, latent dimensions follow them",
    criterion = "rank correlation of input and reconstruction above 0.5 for pT, mass and τ21; some latent dimension correlates above 0.3 with the mass",
    judge = function(R)
      return each(R, { "constituent vae" }, function(n)
        local l = n.learned
        return {
          { "pT reconstructed", l.pt.reconstructed > 0.5 }, { "mass reconstructed", l.mass.reconstructed > 0.5 }, { "τ21 reconstructed", l.tau21.reconstructed > 0.5 }, { "a latent dimension follows the mass", l.mass.latent > 0.3 },
        }, {
          { "pT in/out", l.pt.reconstructed }, { "mass in/out", l.mass.reconstructed }, { "τ21 in/out", l.tau21.reconstructed }, { "latent with pT", l.pt.latent },
          { "latent with mass", l.mass.latent }, { "latent with τ21", l.tau21.latent }, { "active dimensions", n.active },
        }
      end)
    end,
  },
  {
    id = "B2", claim = "Scores in latent space tag no worse than scores in input space", criterion = "tops: KL AUC at least the MSE AUC less 0.01",
    judge = function(R)
      return each(R, { "constituent vae" }, function(n)
        local s = n.scores.top
        return s.kl.auc >= s.mse.auc - 0.01, { { "AUC KL", s.kl.auc }, { "AUC MSE", s.mse.auc }, { "AUC EMD", s.emd.auc }, { "AUC prior distance", s.distance.auc } }
      end)
    end,
  },
  {
    id = "B3", claim = "The plain VAE's scores follow the mass", criterion = "KL: JSD above five times its floor, and AUC at equal mass at least 0.1 below the AUC",
    judge = function(R)
      return each(R, { "constituent vae" }, function(n)
        local s = n.scores.top.kl
        if not (s.auc_equal_mass and s.jsd) then return nil, {} end
        return { { "sculpts the spectrum", s.jsd > 5 * s.jsd_floor }, { "tags by the mass", s.auc_equal_mass < s.auc - 0.1 } }, { { "AUC", s.auc }, { "AUC at equal mass", s.auc_equal_mass }, { "JSD", s.jsd }, { "floor", s.jsd_floor } }
      end)
    end,
  },
  {
    id = "B4", claim = "Naive mass decorrelation (DisCo) gives some anomalous samples higher probability", criterion = "DisCo-VAE, MSE: sculpting less than half the plain VAE's, and AUC below 0.5 for at least one signal",
    judge = function(R)
      return each(R, { "disco", "constituent vae" }, function(n, plain)
        local least, values = 1, {}
        local classes = {}
        for class in pairs(n.scores) do classes[#classes + 1] = class end
        table.sort(classes)
        for _, class in ipairs(classes) do
          least = math.min(least, n.scores[class].mse.auc)
          values[#values + 1] = { "AUC " .. class, n.scores[class].mse.auc }
        end
        local a, b = n.scores.top.mse.jsd, plain.scores.top.mse.jsd
        if not (a and b) then return nil, values end
        values[#values + 1], values[#values + 2] = { "JSD", a }, { "JSD of the plain VAE", b }
        return { { "decorrelates", a < b / 2 }, { "a signal below 0.5", least < 0.5 } }, values
      end)
    end,
  },
  {
    id = "B5", claim = "OE-VAE decorrelates the score from the mass", criterion = "KL form, KL: JSD below half the plain VAE's",
    judge = function(R)
      return each(R, { "oe kl", "constituent vae" }, function(n, plain)
        local a, b = n.scores.top.kl.jsd, plain.scores.top.kl.jsd
        if not (a and b) then return nil, {} end
        return a < b / 2, { { "JSD OE", a }, { "JSD VAE", b }, { "floor", n.scores.top.kl.jsd_floor } }
      end)
    end,
  },
  {
    id = "B6", claim = "OE-VAE gains sensitivity at once", criterion = "KL form, KL, tops: AUC at equal mass above the plain VAE's by 0.01",
    judge = function(R)
      return each(R, { "oe kl", "constituent vae" }, function(n, plain)
        local a, b = n.scores.top.kl, plain.scores.top.kl
        if not (a.auc_equal_mass and b.auc_equal_mass) then return nil, {} end
        return a.auc_equal_mass > b.auc_equal_mass + 0.01, {
          { "AUC at equal mass OE", a.auc_equal_mass }, { "AUC at equal mass VAE", b.auc_equal_mass }, { "AUC OE", a.auc }, { "AUC VAE", b.auc },
        }
      end)
    end,
  },
  {
    id = "B7", claim = "Outlier exposure carries over to signals unlike the outliers", criterion = "outliers W, signal top, KL form, KL: AUC above 0.6 and AUC at equal mass above 0.55",
    judge = function(R)
      return each(R, { "oe kl" }, function(n)
        local s = n.scores.top.kl
        local values = { { "AUC tops", s.auc }, { "AUC at equal mass tops", s.auc_equal_mass }, { "AUC W", n.scores.w and n.scores.w.kl.auc } }
        -- Where the outliers are tops themselves, tops say nothing of other signals.
        if n.outlier_class ~= "w" or not s.auc_equal_mass then return nil, values end
        return { { "AUC", s.auc > 0.6 }, { "at equal mass", s.auc_equal_mass > 0.55 } }, values
      end)
    end,
  },
}
