#!/usr/bin/env bash
# Runs a command against oneDNN 3 on a Debian that has only version 2: `bash scripts/with-onednn3.sh npx ava FILE...`.
# The library of the next release and what it needs, its C library among it, are unpacked into a folder; nothing is installed.
# Node.js is copied there and made to load them. Ends with 77 and the reason where that is not to be had.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
suite=trixie
package=libdnnl3.6
folder=${ONEDNN3_FOLDER:-$root/node_modules/.onednn3}

unavailable() {
  echo "oneDNN 3 is not to be had here: $1" >&2
  exit 77
}

fetch() {
  command -v apt-get >/dev/null || unavailable 'this is no Debian'
  if ! command -v patchelf >/dev/null; then
    (apt-get update -qq && apt-get install -y -qq --no-install-recommends patchelf) >/dev/null 2>&1 || unavailable 'patchelf could not be installed'
  fi
  local mirror work
  mirror=$( (cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null || true) |
    sed -nE 's#^URIs: *([^ ]*/debian/?)( .*)?$#\1#p; s#^deb (\[[^]]*\] )?([^ ]*/debian/?) .*#\2#p' | head -n 1) || true
  [ -n "$mirror" ] || unavailable 'no mirror of Debian is configured'
  work=$(mktemp -d)
  trap 'rm -rf "$work"' RETURN
  mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/debs"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
  local apt=(-o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State=$work/state"
    -o Dir::State::status=/var/lib/dpkg/status -o "Dir::Cache=$work/cache")
  apt-get "${apt[@]}" update -qq >/dev/null 2>&1 || unavailable "the lists of $suite could not be read"
  (cd "$work/debs" && apt-get "${apt[@]}" download -qq "$package" libc6 libgcc-s1 libgomp1 libstdc++6) >/dev/null 2>&1 ||
    unavailable "$package could not be downloaded"
  rm -rf "$folder"
  mkdir -p "$folder/bin"
  for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$folder"; done
  local libraries loader
  libraries=$(dirname "$(find "$folder/usr/lib" -name 'libdnnl.so.3*' | head -n 1)")
  loader=$(find "$libraries" -name 'ld-linux-*.so.*' | head -n 1)
  cp "$(command -v node)" "$folder/bin/node"
  patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$folder/bin/node"
  ln -sf "$(find "$libraries" -name 'libdnnl.so.3*' | sort -V | tail -n 1)" "$folder/libdnnl.so.3"
}

[ -x "$folder/bin/node" ] && [ -e "$folder/libdnnl.so.3" ] || fetch
export REPNAS_ONEDNN="$folder/libdnnl.so.3" PATH="$folder/bin:$PATH"
node -e '0' 2>/dev/null || unavailable "the Node.js in $folder does not run"
exec "$@"
