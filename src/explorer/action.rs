//! What a user can mean: one vocabulary for keys, footer, help, palette, mouse and tests.
//!
//! An action has a name (kebab-case, used in key maps), a label (footer), a sentence (help) and a
//! group. To add one: a line in the table below, a key in `assets/keymap.toml`, an arm in the
//! `update` of the screen it belongs to.

use std::fmt;

/// Headings under which help lists actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Moving the cursor, and between panes.
    Moving,
    /// Screens.
    Screens,
    /// Choosing what is shown.
    Filtering,
    /// Reading one generation.
    Reading,
    /// Holding runs against each other.
    Comparing,
    /// Tags and notes.
    Triage,
    /// Taking something along.
    Taking,
    /// The program itself.
    Program,
    /// Writing in a line of text.
    Typing,
}

impl Group {
    /// The heading.
    pub fn name(self) -> &'static str {
        match self {
            Self::Moving => "Moving",
            Self::Screens => "Screens",
            Self::Filtering => "Filtering",
            Self::Reading => "Reading",
            Self::Comparing => "Comparing",
            Self::Triage => "Triage",
            Self::Taking => "Taking along",
            Self::Program => "Program",
            Self::Typing => "Typing",
        }
    }
}

macro_rules! actions {
    ($($variant:ident $name:literal $group:ident $label:literal $about:literal;)*) => {
        /// What a user can mean.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $about] $variant,)*
        }

        impl Action {
            /// Every action, in the order help lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in key maps.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// A word or two, for the footer.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// A sentence, for help and palette.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }

            /// Its heading in help.
            pub fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group,)* }
            }
        }
    };
}

actions! {
    Down "down" Moving "down" "Move down one row";
    Up "up" Moving "up" "Move up one row";
    Left "left" Moving "left" "Move left: to the pane before, or scroll";
    Right "right" Moving "right" "Move right: to the next pane, or scroll";
    HalfDown "half-page-down" Moving "half page" "Move down half a page";
    HalfUp "half-page-up" Moving "half page" "Move up half a page";
    PageDown "page-down" Moving "page" "Move down a page";
    PageUp "page-up" Moving "page" "Move up a page";
    Top "top" Moving "top" "Go to the first row";
    Bottom "bottom" Moving "bottom" "Go to the last row";
    Enter "enter" Moving "open" "Go in: read the generation, filter by the value, run the row";
    Back "back" Moving "back" "Go out: close what is open, then take back the last filter";
    NextPane "next-pane" Moving "next pane" "Go to the next pane";
    PreviousPane "previous-pane" Moving "pane before" "Go to the pane before";
    NextItem "next-generation" Moving "next" "Go to the next generation of the list";
    PreviousItem "previous-generation" Moving "previous" "Go to the generation before in the list";
    NextSample "next-sample" Moving "next sample" "Go to the next sample of the same item and run";
    PreviousSample "previous-sample" Moving "sample before" "Go to the sample before of the same item and run";

    ShowBrowse "show-browse" Screens "browse" "Go back to the list with its facets";
    ShowRuns "show-runs" Screens "runs" "Show the table of runs: HAcc, SAcc, correctness, lengths";
    ShowRejects "show-rejects" Screens "rejects" "Show what could not be read, where, and why";
    ShowMatrix "show-matrix" Screens "matrix" "Show shares by two fields: constraint and run, or any other two";
    ShowPlots "show-plots" Screens "plots" "Show plots of the selection: by length, runs, margins, first violations";
    ShowFlips "show-flips" Screens "flips" "Hold two runs against each other: both, only A, only B, none";
    ShowPrompt "show-prompt" Screens "prompt" "Show the prompt exactly as it was sent, as far as it is saved";
    Help "help" Screens "help" "Show every key that works here; type to search by word or key";
    Palette "palette" Screens "actions" "Find an action by name and run it";
    SavedViews "saved-views" Screens "views" "Open a saved view, or save this one";

    EditQuery "edit-query" Filtering "query" "Write a query; facets follow";
    FocusFacets "focus-facets" Filtering "facets" "Go to the facets";
    ToggleValue "toggle-value" Filtering "filter" "Filter by this value, or stop filtering by it";
    ExcludeValue "exclude-value" Filtering "exclude" "Leave out what has this value";
    FoldSection "fold-section" Filtering "fold" "Fold or unfold this group of values";
    NextSection "next-section" Filtering "next group" "Go to the next group of values";
    PreviousSection "previous-section" Filtering "group before" "Go to the group of values before";
    RemoveFilter "remove-filter" Filtering "remove" "Take back the last filter";
    ClearFilters "clear-filters" Filtering "clear" "Take back all filters";
    UndoFilter "undo-filter" Filtering "undo" "Go back to the query before";
    RedoFilter "redo-filter" Filtering "redo" "Go forward to the query after";
    SortNext "sort-next" Filtering "sort" "Sort by the next column";
    SortReverse "sort-reverse" Filtering "reverse" "Turn the order round";
    SortLibrary "sort-library" Filtering "as read" "Leave generations in the order of the files";
    SortRun "sort-run" Filtering "by run" "Sort by run";
    SortItem "sort-item" Filtering "by item" "Sort by item";
    SortVerdict "sort-verdict" Filtering "by verdict" "Sort by verdict";
    SortCorrect "sort-correct" Filtering "by correct" "Sort by correctness";
    SortTrace "sort-trace" Filtering "by trace" "Sort by length of the trace";
    SortAnswer "sort-answer" Filtering "by answer" "Sort by length of the answer";
    SortMargin "sort-margin" Filtering "by margin" "Sort by the worst margin";
    SortRelevance "sort-relevance" Filtering "by relevance" "What is most about the words looked up first";
    FoldSamples "fold-samples" Filtering "samples" "Fold the samples of an item in a run into one row, or unfold them";
    SaveView "save-view" Filtering "save view" "Save the query and order under a name";

    NextMark "next-mark" Reading "next mark" "Go to the next place where a constraint was broken";
    PreviousMark "previous-mark" Reading "mark before" "Go to the place before where a constraint was broken";
    NextSameMark "next-same-mark" Reading "next of this" "Go to the next mark of the same constraint, hits included";
    PreviousSameMark "previous-same-mark" Reading "before of this" "Go to the mark before of the same constraint, hits included";
    NextHit "next-hit" Reading "next hit" "Go to the next hit of the search";
    PreviousHit "previous-hit" Reading "hit before" "Go to the hit before of the search";
    NextConstraint "next-constraint" Reading "constraint" "Mark the next constraint alone, after the last all of them";
    FoldTrace "fold-trace" Reading "trace" "Fold or unfold the trace";
    FoldAnswer "fold-answer" Reading "answer" "Fold or unfold the answer";
    FoldQuestion "fold-question" Reading "question" "Fold or unfold the question";
    ToggleWrap "toggle-wrap" Reading "wrap" "Break long lines, or scroll sideways";
    ToggleRaw "toggle-raw" Reading "raw" "Show line ends, tabs and spaces as characters";
    ToggleMath "toggle-math" Reading "math" "Show simple LaTeX as Unicode; what is marked stays as written";
    Zoom "zoom" Reading "zoom" "Give this pane the whole screen, or give it back";

    Compare "compare" Comparing "compare" "Open the same item of other runs beside this one";
    NextRun "next-run" Comparing "other run" "Show another run in this column";
    AddRun "add-run" Comparing "one more run" "Put one more run beside these, up to four";
    DropRun "drop-run" Comparing "one less" "Take the run of this column away";
    ChooseRun "choose-run" Comparing "choose" "Choose this run, to see it side by side with others";
    ToggleDiff "toggle-diff" Comparing "differences" "Underline the words of the answers that the two do not share";
    NextBaseline "next-baseline" Comparing "baseline" "Take the next run as the baseline A";
    SetBaseline "set-baseline" Comparing "set baseline" "Take the run under the cursor as the baseline A";
    SwapSides "swap-sides" Comparing "swap" "Swap A and B, or rows and columns";
    NextMeasure "next-measure" Comparing "measure" "Count the next thing: followed, right, both";
    NextRowField "next-row-field" Comparing "rows by" "Take the next field for the rows";
    NextColumnField "next-column-field" Comparing "columns by" "Take the next field for the columns";
    NextVariant "next-variant" Comparing "next of these" "Plot the next constraint, or the other part";
    PreviousVariant "previous-variant" Comparing "one before" "Plot the constraint before, or the other part";
    NextUnit "next-unit" Comparing "unit" "Measure lengths in words, tokens or characters";
    Twin "twin" Comparing "twin" "Go to the same item without constraints, and back";

    Tag1 "tag-1" Triage "tag 1" "Put tag 1 on the generation, or take it off";
    Tag2 "tag-2" Triage "tag 2" "Put tag 2 on the generation, or take it off";
    Tag3 "tag-3" Triage "tag 3" "Put tag 3 on the generation, or take it off";
    Tag4 "tag-4" Triage "tag 4" "Put tag 4 on the generation, or take it off";
    Tag5 "tag-5" Triage "tag 5" "Put tag 5 on the generation, or take it off";
    Tag6 "tag-6" Triage "tag 6" "Put tag 6 on the generation, or take it off";
    Tag7 "tag-7" Triage "tag 7" "Put tag 7 on the generation, or take it off";
    Tag8 "tag-8" Triage "tag 8" "Put tag 8 on the generation, or take it off";
    Tag9 "tag-9" Triage "tag 9" "Put tag 9 on the generation, or take it off";
    Note "note" Triage "note" "Write a note on the generation, or change it";
    NameTag "name-tag" Triage "name a tag" "Give a tag a name";
    NextUntagged "next-untagged" Triage "next untagged" "Go to the next generation of the list without a tag";
    UndoTag "undo-tag" Triage "take back" "Take the last tag or note back";
    RedoTag "redo-tag" Triage "do again" "Do the tag or note taken back again";

    CopyKey "copy-key" Taking "key" "Copy the key of the generation";
    CopyPlace "copy-place" Taking "path:line" "Copy where the generation lies: path:line";
    CopyAnswer "copy-answer" Taking "answer" "Copy the answer";
    CopySnippet "copy-snippet" Taking "snippet" "Copy the generation with its verdicts as Markdown";
    CopyMark "copy-mark" Taking "mark" "Copy the line of the current mark with the verdict, as Markdown";
    CopyQuery "copy-query" Taking "query" "Copy the query";
    CopyCommand "copy-command" Taking "command" "Copy the command that prints this view";
    Edit "edit" Taking "editor" "Open the file at this line in $EDITOR";
    EditOutput "edit-output" Taking "output in editor" "Open a copy of the output in $EDITOR, at the mark or what is in sight";
    Page "page" Taking "pager" "Open the output in $PAGER, at the mark or what is in sight";

    Refresh "refresh" Program "refresh" "Read what changed on disk";
    ToggleMouse "toggle-mouse" Program "mouse" "Free the mouse for selecting text, or take it back";
    Redraw "redraw" Program "redraw" "Draw the whole screen anew";
    Suspend "suspend" Program "suspend" "Stop the program and go to the shell (fg comes back)";
    Close "close" Program "close" "Close this screen; on the last, quit";
    Quit "quit" Program "quit" "Quit";

    Accept "accept" Typing "accept" "Take the line";
    Cancel "cancel" Typing "cancel" "Leave the line as it was";
    Complete "complete" Typing "complete" "Put in the chosen completion";
    NextChoice "next-choice" Typing "next" "Choose the next line";
    PreviousChoice "previous-choice" Typing "previous" "Choose the line before";
    CursorLeft "cursor-left" Typing "left" "Move the cursor left";
    CursorRight "cursor-right" Typing "right" "Move the cursor right";
    CursorWordLeft "cursor-word-left" Typing "word left" "Move the cursor a word left";
    CursorWordRight "cursor-word-right" Typing "word right" "Move the cursor a word right";
    CursorStart "cursor-start" Typing "start" "Move the cursor to the start";
    CursorEnd "cursor-end" Typing "end" "Move the cursor to the end";
    DeleteBack "delete-back" Typing "delete" "Delete the character before the cursor";
    DeleteForward "delete-forward" Typing "delete" "Delete the character under the cursor";
    DeleteWord "delete-word" Typing "delete word" "Delete the word before the cursor";
    DeleteToStart "delete-to-start" Typing "delete line" "Delete everything before the cursor";
}

impl Action {
    /// Whether a tag or a note is about the generation at hand.
    pub fn is_on_generation(self) -> bool {
        self.group() == Group::Triage
            && !matches!(self, Self::NameTag | Self::NextUntagged | Self::UndoTag | Self::RedoTag)
    }

    /// Whether it moves by rows: a cursor, or a text.
    pub fn is_move(self) -> bool {
        matches!(
            self,
            Self::Down
                | Self::Up
                | Self::HalfDown
                | Self::HalfUp
                | Self::PageDown
                | Self::PageUp
                | Self::Top
                | Self::Bottom
        )
    }

    /// Whether it goes to a mark or to a hit.
    pub fn is_step(self) -> bool {
        matches!(
            self,
            Self::NextMark
                | Self::PreviousMark
                | Self::NextSameMark
                | Self::PreviousSameMark
                | Self::NextHit
                | Self::PreviousHit
        )
    }

    /// The action with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.name() == name)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for &action in Action::ALL {
            assert_eq!(Action::from_name(action.name()), Some(action), "{action}");
            assert!(!action.about().ends_with('.'), "{action}: a sentence of the table has no full stop");
        }
    }
}
