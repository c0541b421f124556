#!/bin/sh
# Prints the table of BENCHMARKS.md: one column for each size, everything measured in this run.
#
#   benches/scale.sh [BYTES [SIZE…]]     (1400 and 1e4 1e5 1e6 when not said)
#
# Inputs and libraries lie below $HEEDLESS_SCALE (/tmp/heedless-scale when not said) and stay there, so
# that a second run need not make the inputs again. The machine should be idle: the first line says its
# load, and that of each size stands in the table. HEEDLESS_BUILT names a folder of programs built already.
set -eu
cd "$(dirname "$0")/.."
bytes=${1:-1400}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- 1e4 1e5 1e6
place=${HEEDLESS_SCALE:-/tmp/heedless-scale}
mkdir -p "$place"
built=${HEEDLESS_BUILT:-}
if [ -z "$built" ]; then
    cargo build --release --quiet --examples --bin heedless
    built=${CARGO_TARGET_DIR:-target}/release
fi
load() { cut -d' ' -f1-3 /proc/loadavg; }
echo "$(date -u +%F) $(nproc) processors, load $(load), $(git rev-parse --short HEAD), about $bytes bytes a generation"

# Wall-clock time of a command, its output thrown away: NAME, a tab, milliseconds.
timed() {
    name=$1
    shift
    start=$(date +%s%N)
    "$@" >/dev/null 2>&1 || true
    printf '%s\t%s ms\n' "$name" $((($(date +%s%N) - start) / 1000000))
}

for size in "$@"; do
    input=$place/lib-$size-$bytes
    index=$place/index-$size-$bytes
    [ -d "$input" ] || "$built/examples/heedless-gen" "$input" --generations "$size" --bytes "$bytes" >&2
    cat "$input"/* >/dev/null # from memory, not from the disk
    {
        printf 'load before\t%s\n' "$(load)"
        "$built/examples/measure" build --text --index "$index" "$input"
        "$built/examples/bare-writer" "$input" | sed 's/: /\t/; s/^bare writer/a bare tantivy writer/'
        "$built/examples/measure" ask --index "$index"
        "$built/examples/frames" start "$built/heedless" "$input" --index "$index"
        "$built/examples/frames" keys "$built/heedless" "$input" --index "$index"
        rm -rf "$index-fresh"
        "$built/examples/frames" indexing "$built/heedless" "$input" --index "$index-fresh"
        rm -rf "$index-fresh"
        # The whole program, warm: opens the library, sees that nothing changed, counts, ends.
        for query in '' 'failed:no_comma correct:yes' 'angle triangle'; do
            timed "heedless query --count '$query'" "$built/heedless" --index "$index" query --count "$query" "$input"
        done
        # Scans of the same files for comparison, each only where it is installed.
        if command -v rg >/dev/null; then
            timed 'rg -c -w angle' rg -c -w angle "$input"
        else
            timed 'grep -c -w angle' grep -c -r -w angle "$input"
        fi
    } >"$place/figures-$size-$bytes"
done

# The files side by side, rows in the order of the last.
files=
for size in "$@"; do files="$files $place/figures-$size-$bytes"; done
# shellcheck disable=SC2086
awk -F '\t' -v sizes="$*" '
    BEGIN { many = split(sizes, size, " ") }
    FNR == 1 { file++ }
    { gsub(/\|/, "\\\\|") } # patterns have bars of their own
    { found[file, $1] = $2; if (file == many) order[++rows] = $1 }
    END {
        printf "| measured |"; for (i = 1; i <= many; i++) printf " %s |", size[i]; print ""
        printf "|---|"; for (i = 1; i <= many; i++) printf "---|"; print ""
        for (row = 1; row <= rows; row++) {
            printf "| %s |", order[row]
            for (i = 1; i <= many; i++) printf " %s |", found[i, order[row]]
            print ""
        }
    }' $files
