#!/bin/sh
# Measures what BENCHMARKS.md reports: a library of GENERATIONS generations of about BYTES bytes each.
#
#   benches/scale.sh [GENERATIONS [BYTES]]     (1e5 and 1400 when not said)
#
# Writes the input below $HEEDLESS_SCALE (/tmp/heedless-scale when not said) and leaves it there.
# The machine should be idle: say so beside the figures when it is not (the first line has its load).
set -eu
cd "$(dirname "$0")/.."
generations=${1:-1e5}
bytes=${2:-1400}
place=${HEEDLESS_SCALE:-/tmp/heedless-scale}
input=$place/$generations-$bytes
mkdir -p "$place"
cargo build --release --quiet --examples --bin heedless
built=${CARGO_TARGET_DIR:-target}/release
echo "$(date -u +%F) $(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg), $(git rev-parse --short HEAD)"
[ -d "$input" ] || "$built/examples/heedless-gen" "$input" --generations "$generations" --bytes "$bytes"
"$built/examples/measure" "$input" --index "$place/library" --fresh --text
"$built/examples/bare-writer" "$input"
# The whole program, warm: opens the library, sees that nothing changed, counts, ends.
for query in '' 'failed:no_comma correct:yes' 'angle triangle'; do
    start=$(date +%s%N)
    found=$("$built/heedless" --index "$place/library" query --count "$query" "$input")
    end=$(date +%s%N)
    echo "heedless query --count '$query': $(((end - start) / 1000000)) ms, $found"
done
# Scans of the same files, warm, for comparison; each only where it is installed.
if command -v rg >/dev/null; then
    start=$(date +%s%N); rg -c -w angle "$input" >/dev/null; end=$(date +%s%N)
    echo "rg -c -w angle: $(((end - start) / 1000000)) ms"
else
    start=$(date +%s%N); grep -c -w angle "$input"/*.jsonl >/dev/null; end=$(date +%s%N)
    echo "grep -c -w angle: $(((end - start) / 1000000)) ms"
fi
if command -v jq >/dev/null; then
    start=$(date +%s%N)
    cat "$input"/*.jsonl | head -n 20000 | jq -c 'select(.condition == "constraints") | .model' | sort | uniq -c >/dev/null
    end=$(date +%s%N)
    echo "jq, one filter and one facet, the first 20000 lines alone: $(((end - start) / 1000000)) ms"
fi
