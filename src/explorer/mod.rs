//! The explorer: the terminal interface.
