import Glibc

/// Turns jets into rows of four-vectors by a recipe, without its scaling.
public enum ConstituentAligner {
  /// The `n` leading constituents of a jet, aligned, padded with zeros: E, px, py, pz each.
  ///
  /// Alignment (arXiv:2007.01850 and its code): rotate about the beam by −φ of the kept constituents' sum; boost along the beam so that
  /// its pz is 0; rotate about x by −α, α = atan2(Σ η E/r, Σ φ E/r), r = √(η² + φ²), constituents at r = 0 left out. A sum that is not
  /// time-like cannot be boosted and is only rotated. A broken jet gives zeros.
  public static func vectors(_ constituents: [FourVector], recipe: ConstituentRecipe) -> [FourVector] {
    var kept = Array(constituents.lazy.filter { $0 != .zero }.prefix(recipe.n))
    if recipe.align { align(&kept) }
    if recipe.normalise {
      let pt = kept.reduce(.zero, +).pt
      if pt > 0 {
        for i in kept.indices {
          kept[i] = FourVector(energy: kept[i].energy / pt, px: kept[i].px / pt, py: kept[i].py / pt, pz: kept[i].pz / pt)
        }
      }
    }
    return kept + [FourVector](repeating: .zero, count: recipe.n - kept.count)
  }

  private static func align(_ particles: inout [FourVector]) {
    let jet = particles.reduce(.zero, +)
    let (cosine, sine) = jet.pt > 0 ? (jet.px / jet.pt, jet.py / jet.pt) : (1, 0)
    let velocity = jet.energy > abs(jet.pz) ? jet.pz / jet.energy : 0
    let gamma = 1 / (1 - velocity * velocity).squareRoot()
    var (alongEta, alongPhi) = (0.0, 0.0)
    for i in particles.indices {
      let p = particles[i]
      let turned = FourVector(
        energy: gamma * (p.energy - velocity * p.pz), px: p.px * cosine + p.py * sine, py: p.py * cosine - p.px * sine,
        pz: gamma * (p.pz - velocity * p.energy))
      particles[i] = turned
      let (eta, phi) = (turned.eta, turned.phi)
      let distance = (eta * eta + phi * phi).squareRoot()
      guard distance > 0, distance.isFinite else { continue }
      alongEta += eta * turned.energy / distance
      alongPhi += phi * turned.energy / distance
    }
    guard alongEta != 0 || alongPhi != 0 else { return }
    let alpha = atan2(alongEta, alongPhi)
    let (c, s) = (cos(alpha), sin(alpha))
    for i in particles.indices {
      let p = particles[i]
      particles[i] = FourVector(energy: p.energy, px: p.px, py: p.py * c + p.pz * s, pz: p.pz * c - p.py * s)
    }
  }
}
