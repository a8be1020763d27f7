# What the developer commands begin with: they work in the repository's folder, $repository; the user stands in $invoked_from.
invoked_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
repository=$PWD

# Sets up what is missing, with the packages named besides, and builds jetlua as it is installed: in release mode with Swift's runtime inside, whose
# libraries would otherwise be linked anew at every start, for two milliseconds of seven. Its path is then $jetlua. What this prints goes to stderr.
build_jetlua() {
  local options=(-c release --product jetlua --static-swift-stdlib --scratch-path .build-install)
  {
    ./scripts/dev/setup "$@"
    swift build "${options[@]}"
  } >&2
  jetlua=$(swift build "${options[@]}" --show-bin-path)/jetlua
}

# Copies what an installed jetlua reads (Lua modules, commands, experiments, bundled jets, editor stubs) into the new folder $1.
copy_library_folder() {
  mkdir -p "$1/scripts"
  cp -r stdlib commands stubs LICENSE NOTICE "$1/"
  cp scripts/*.lua "$1/scripts/"
  local folder
  for folder in scripts/*/; do
    [[ $folder == scripts/dev/ ]] || cp -r "$folder" "$1/scripts/"
  done
  find "$1" \( -name __pycache__ -o -name '.venv*' \) -prune -exec rm -rf {} +
}
