//! Text: what may reach a terminal.
