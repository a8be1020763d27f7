local scan = require("study.figures.fig09").draw_scan

return { id = "A15", title = "Dirichlet-VAE on Lund planes", scan = "lund", draw = function(R, ratios)
  return scan("lund")(R, ratios), "As figure A9, for images of the primary Lund plane.", R:how(("lund top %g"):format(ratios[#ratios]))
end }
