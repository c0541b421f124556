# `just` lists these.
default:
    @just --list

# Exactly what CI runs.
check:
    bash .ci/run

# Tests, faster where cargo-nextest is installed.
test *args:
    cargo test {{args}}

# Accept changed screen snapshots after looking at them.
snapshots:
    INSTA_UPDATE=always cargo test --lib explorer::
    INSTA_UPDATE=always cargo test --test cli --test constraints

# The benchmarks; figures and their commands are in BENCHMARKS.md.
bench:
    cargo bench

# The pictures of the README, photographed from the real program on sample_runs.
pictures:
    cargo build --release
    bash docs/pictures/make
