print("jetlua")
