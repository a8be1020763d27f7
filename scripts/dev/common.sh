# What the developer commands begin with: they work in the repository's folder, $repository; the user stands in $invoked_from.
invoked_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
repository=$PWD

# Sets up what is missing, with the packages named besides, and builds jetlua as it is installed: in release mode with Swift's runtime inside, whose
# libraries would otherwise be linked anew at every start, for two milliseconds of seven. Its path is then $jetlua. What this prints goes to stderr.
#
# The compiler puts the sizes of classes into the code of other modules, and does not make that code anew where only a private property has come
# to a class: what an older state of the sources left there would write over the end of objects. So a new state is built from nothing.
build_jetlua() {
  local folder=.build-install sources
  local options=(-c release --product jetlua --static-swift-stdlib --scratch-path "$folder")
  sources=$(find Package.swift Sources -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  {
    ./scripts/dev/setup "$@"
    if [[ -d $folder && $(cat "$folder/sources.txt" 2>/dev/null) != "$sources" ]]; then
      rm -rf "$folder"
    fi
    mkdir -p "$folder"
    echo "$sources" > "$folder/sources.txt"
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
