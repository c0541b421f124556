//! The list of generations: a cursor over the rows found.

/// A cursor over rows, and what of them is in sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct List {
    /// Number of the row under the cursor.
    pub cursor: usize,
    /// Number of the row at the top.
    pub top: usize,
}

impl List {
    /// Moves by rows within so many.
    pub fn move_by(&mut self, rows: isize, len: usize) {
        self.cursor = self.cursor.saturating_add_signed(rows).min(len.saturating_sub(1));
    }

    /// Keeps the cursor in sight of so many rows.
    pub fn keep_in_sight(&mut self, height: u16, len: usize) {
        let height = usize::from(height.max(1));
        self.cursor = self.cursor.min(len.saturating_sub(1));
        self.top = self.top.min(len.saturating_sub(height));
        if self.cursor < self.top {
            self.top = self.cursor;
        } else if self.cursor >= self.top + height {
            self.top = self.cursor + 1 - height;
        }
    }

    /// Scrolls without moving the cursor further than it must.
    pub fn scroll_by(&mut self, rows: isize, height: u16, len: usize) {
        let height = usize::from(height.max(1));
        self.top = self.top.saturating_add_signed(rows).min(len.saturating_sub(height));
        self.cursor =
            self.cursor.clamp(self.top, (self.top + height - 1).min(len.saturating_sub(1)).max(self.top));
    }

    /// Carries out an action of moving; false when it is none.
    pub fn act(&mut self, action: super::Action, height: u16, len: usize) -> bool {
        use super::Action;
        let page = isize::try_from(height.max(2)).unwrap_or(2);
        match action {
            Action::Down => self.move_by(1, len),
            Action::Up => self.move_by(-1, len),
            Action::HalfDown => self.move_by(page / 2, len),
            Action::HalfUp => self.move_by(-(page / 2), len),
            Action::PageDown => self.move_by(page - 1, len),
            Action::PageUp => self.move_by(1 - page, len),
            Action::Top => self.cursor = 0,
            Action::Bottom => self.move_by(isize::MAX, len),
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_cursor_stays_in_range_and_in_sight(
            moves in proptest::collection::vec((-50_isize..50, any::<bool>()), 0..40), len in 0_usize..60, height in 0_u16..20,
        ) {
            let mut list = List::default();
            for (by, scroll) in moves {
                if scroll { list.scroll_by(by, height, len) } else { list.move_by(by, len) }
                list.keep_in_sight(height, len);
                prop_assert!(list.cursor < len.max(1));
                prop_assert!(list.top <= list.cursor);
                prop_assert!(list.cursor < list.top + usize::from(height.max(1)));
            }
        }
    }
}
