# What the developer commands begin with: they work in the repository's folder, $repository; the user stands in $invoked_from.
invoked_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
repository=$PWD

# Sets up what is missing, with the packages named besides, and builds jetlua in release mode; its path is then $jetlua.
# What this prints goes to stderr.
build_jetlua() {
  {
    ./scripts/dev/setup "$@"
    swift build -c release --product jetlua
  } >&2
  jetlua=$(swift build -c release --show-bin-path)/jetlua
}
