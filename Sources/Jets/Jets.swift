// Jets
