//! Report: tables, figures and cards for a paper. Empty room: its own issue comes later.
