# shellcheck shell=bash disable=SC2034
# What the scripts share; each of them sources it first: the checkout's folder, the one set of build
# flags, the run of all tests, headings with elapsed seconds, and the name of the stage that failed.
# Needs: bash. Changes: the working folder, to the checkout; sets an EXIT trap that removes the
# folders given to remove_at_exit.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
cd -- "$root" || exit 1

# One build folder serves building and testing only while all of them get the same flags.
build_flags=(-c release -Xswiftc -enable-testing)
# Every import must be declared in Package.swift.
import_check=(--explicit-target-dependency-import-check error)

# The tests of Sockets count the sockets of their whole process, so the other suites that open real
# sockets run in processes of their own; so does a test that bounds the memory of its process.
tests_apart=(
  'Buses in both worlds' 'Streams on real TCP|Emulated links'
  'a flood stays within its bounds of memory'
)

# run_all_tests FLAG...: every test that was built with the flags, in as few processes as may be.
run_all_tests() {
  local group skips=()
  for group in "${tests_apart[@]}"; do
    skips+=(--skip "$group")
  done
  swift test --skip-build --disable-xctest "$@" "${skips[@]}"
  for group in "${tests_apart[@]}"; do
    swift test --skip-build --disable-xctest "$@" --filter "$group"
  done
}

fleetlab=$root/.build/release/fleetlab
cache=${XDG_CACHE_HOME:-$HOME/.cache}/fleetlab

current_stage=
folders_to_remove=()

# stage NAME: prints the heading of what begins now.
stage() {
  current_stage=$1
  printf '== %s (%s s)\n' "$1" "$SECONDS" >&2
}

# fail TEXT...: prints what is wrong and ends the script.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# remove_at_exit FOLDER...: folders that do not outlive the script.
remove_at_exit() {
  folders_to_remove+=("$@")
}

at_exit() {
  local status=$?
  if ((${#folders_to_remove[@]} > 0)); then
    rm -rf -- "${folders_to_remove[@]}"
  fi
  if ((status != 0)) && [[ -n $current_stage ]]; then
    printf '== failed: %s (exit %s, %s s)\n' "$current_stage" "$status" "$SECONDS" >&2
  fi
}
trap at_exit EXIT
