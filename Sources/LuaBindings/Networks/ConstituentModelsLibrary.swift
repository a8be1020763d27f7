import Autodiff
import Jets
import Models
import TensorCore

extension RecipeOfRows: LuaObject {}

extension LuaHost {
  /// What models of constituents need in `jetlua.core.models`: the recipe of rows, held where comparing it costs nothing, and the
  /// distance of a reconstruction.
  func openConstituentModels(_ library: LuaLibrary) throws {
    _ = try declare(RecipeOfRows.self, as: "recipe of constituents", help: """
      @private
      """)
    // constituent_recipe(value): the recipe that a tensor's rows were made by, or that options describe; nil where there is none.
    try library.function("constituent_recipe") { call in
      let value = call.argument(at: 1, "recipe")
      if let variable = value.objectIfAny(Variable.self) {
        guard let recipe = variable.origin as? RecipeOfRows else { return call.returnsNil() }
        return try call.returns(recipe)
      }
      return try call.returns(RecipeOfRows(ConstituentRecipe(call.options(at: 1, keys: ConstituentRecipe.optionNames))))
    }
    // recipe_options(recipe): what makes such rows again.
    try library.function("recipe_options") { call in try call.returns(call.object(at: 1, "recipe", RecipeOfRows.self).recipe.optionTable) }
    // recipe_difference(recipe, other): what is different, nil where nothing is.
    try library.function("recipe_difference") { call in
      let mine = try call.object(at: 1, "recipe", RecipeOfRows.self).recipe, other = try call.object(at: 2, "other", RecipeOfRows.self).recipe
      guard mine != other else { return call.returnsNil() }
      return try call.returns(mine.difference(from: other))
    }
    // constituent_emd(x, y [, recipe]): the distances [N], and how many jets have no transverse momentum.
    try library.function("constituent_emd") { call in
      let x = try call.object(at: 1, "x", Variable.self), y = try call.object(at: 2, "y", Variable.self)
      let recipe = call.argument(at: 3, "recipe").objectIfAny(RecipeOfRows.self)?.recipe
      let found = try ReconstructionDistance(center: recipe?.center ?? [], spread: recipe?.spread ?? []).distances(x.value, y.value)
      return try call.returns(.object(Variable(try found.values.converted(to: x.value.dtype))), .integer(found.withoutPT))
    }
  }
}
