//! What people come for, done as they would do it: the program in a terminal, keys counted.
//!
//! Each test is one journey from the first screen on the sample runs. Where the task allows,
//! its keys are at most eight; a journey that types words of its own says so.

use std::path::Path;

#[path = "support/terminal.rs"]
#[expect(dead_code, reason = "shared with other tests, which use other parts of it")]
mod terminal;

use terminal::Terminal;

/// The most keys that a journey may take which types no words of its own.
const FEW: usize = 8;

/// A person before the program, with folders of their own, whose keys are counted.
struct Person {
    terminal: Terminal,
    keys: usize,
    home: tempfile::TempDir,
}

/// Begins on the sample runs, once they are judged.
fn begin() -> Person {
    begin_on("sample_runs")
}

fn begin_on(path: &str) -> Person {
    begin_with(&[path])
}

fn begin_with(args: &[&str]) -> Person {
    begin_in(args, &[])
}

/// Begins where the environment says these things too.
fn begin_in(args: &[&str], settings: &[(&str, &str)]) -> Person {
    let home = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| home.path().join(name).to_string_lossy().into_owned();
    let (state, cache, data, config) = (at("state"), at("cache"), at("data"), at("config"));
    let mut folders = vec![
        ("XDG_STATE_HOME", state.as_str()),
        ("XDG_CACHE_HOME", cache.as_str()),
        ("XDG_DATA_HOME", data.as_str()),
        ("XDG_CONFIG_HOME", config.as_str()),
        // No host clipboard: the terminal is asked to copy.
        ("SSH_TTY", "/dev/pts/0"),
    ];
    folders.extend(settings);
    let program = Path::new(env!("CARGO_BIN_EXE_heedless"));
    let mut terminal = Terminal::start(program, args, (120, 36), &folders);
    terminal.expect("judged: ").rest();
    Person { terminal, keys: 0, home }
}

/// Text that was put into base64.
fn unbase64(coded: &str) -> String {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits =
        coded.chars().filter_map(|c| DIGITS.find(c)).fold(String::new(), |b, n| b + &format!("{n:06b}"));
    let bytes = (0..bits.len() / 8).map(|i| u8::from_str_radix(&bits[i * 8..i * 8 + 8], 2).expect("bits"));
    String::from_utf8(bytes.collect()).expect("text is copied")
}

impl Person {
    /// Copies the command of the screen, and gives it with what it prints.
    fn runs_its_command(&mut self) -> (String, String) {
        self.types("yc").sees("copied the command");
        let written = self.written();
        let (_, copied) = written.rsplit_once("\u{1b}]52;c;").expect("something was copied");
        let command = unbase64(copied.split(['\u{1b}', '\u{7}']).next().unwrap_or_default());
        let program = Path::new(env!("CARGO_BIN_EXE_heedless"));
        let folder = program.parent().expect("the program lies in a folder");
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        let run = std::process::Command::new("sh")
            .args(["-c", &command])
            .env("PATH", path)
            .env("XDG_CACHE_HOME", self.home.path().join("cache"))
            .env("XDG_DATA_HOME", self.home.path().join("data"))
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .output()
            .expect("a shell runs");
        (command, String::from_utf8_lossy(&run.stdout).into_owned())
    }

    /// Types, one key counted for each character and each name in angle brackets, and looks up
    /// when the screen rests.
    fn types(&mut self, keys: &str) -> &mut Self {
        let mut in_name = false;
        for c in keys.chars() {
            in_name = (in_name || c == '<') && c != '>';
            self.keys += usize::from(!in_name);
        }
        self.terminal.keys(keys).rest();
        self
    }

    /// Waits until this is on the screen.
    fn sees(&mut self, text: &str) -> &mut Self {
        self.terminal.expect(text);
        self
    }

    /// Checks that this is not on the screen.
    fn sees_no(&mut self, text: &str) -> &mut Self {
        assert!(!self.screen().contains(text), "`{text}` is on the screen:\n{}", self.screen());
        self
    }

    fn screen(&self) -> String {
        self.terminal.text()
    }

    /// The first line of the screen with this text in it.
    fn line_with(&self, text: &str) -> String {
        let screen = self.screen();
        let line = screen.lines().find(|l| l.contains(text));
        line.unwrap_or_else(|| panic!("no line with `{text}`:\n{screen}")).to_owned()
    }

    /// Text of the cells drawn reversed: the mark one stands on.
    fn mark(&self) -> String {
        let screen = self.terminal.screen();
        let (rows, columns) = screen.size();
        let cells = (0..rows.get()).flat_map(|y| (0..columns.get()).map(move |x| (y, x)));
        cells
            .filter_map(|(y, x)| screen.cell(y, x).filter(|c| c.inverse()).map(|c| c.contents().to_owned()))
            .collect()
    }

    /// Checks that the journey was short.
    fn in_few_keys(&self) {
        assert!(self.keys <= FEW, "{} keys", self.keys);
    }

    /// What was written to the terminal, as text.
    fn written(&self) -> String {
        String::from_utf8_lossy(&self.terminal.raw).into_owned()
    }
}

#[test]
fn find_who_failed_no_comma_and_land_on_the_first_comma() {
    let mut p = begin();
    p.types("/no_c<tab><enter>").sees("failed:no_comma").sees("51 of 420");
    p.types("n");
    assert!(p.mark().contains(','), "{:?}\n{}", p.mark(), p.screen());
    p.in_few_keys();
}

#[test]
fn find_near_misses_of_existence() {
    // Types a query: the words of the task are two.
    let mut p = begin();
    p.types("/failed:existence mode:near-miss<enter>")
        .sees("failed:existence mode:near-miss")
        .sees(" of 420");
    p.types("<enter>").sees("› read").sees("near-miss").sees("1 of 2 keywords missing");
}

#[test]
fn see_who_missed_the_number_of_words_by_most() {
    // Types the beginning of the constraint's name.
    let mut p = begin();
    p.types("/number_w<tab><enter>").sees("failed:number_words").sees("29 of 420");
    p.types("sm");
    p.types("gg<enter>").sees("› read").sees("words too many").sees("far-miss");
}

#[test]
fn read_a_trace() {
    // Types a query that asks for one.
    let mut p = begin();
    p.types("/trace>0<enter>").sees("300 of 420");
    p.types("<enter>").sees("› read").sees("▸ TRACE").sees_no("▾ TRACE");
    p.types("zt").sees("▾ TRACE");
}

#[test]
fn compare_an_item_with_its_twin_without_constraints() {
    let mut p = begin();
    p.types("w").sees("qwen2.5-coder-0.5b+…raints/own-single-0");
    p.types("w").sees("qwen2.5-coder-0.5b/own-single-0");
    p.in_few_keys();
}

#[test]
fn see_an_item_in_two_runs_side_by_side_with_the_differences() {
    let mut p = begin();
    p.types("c").sees("side by side · own-single-0");
    p.types("d").sees("of the words shared");
    assert_eq!(p.line_with("/own-single-0").matches("/own-single-0").count(), 2, "{}", p.screen());
    p.in_few_keys();
}

#[test]
fn see_an_item_in_three_runs_chosen_from_the_table() {
    let mut p = begin();
    p.types("U").sees("› runs");
    p.types("<space><space><space>").sees("▸").sees("C ");
    p.types("c").sees("side by side · own-single-0");
    // A verdict of each on the same line, and the words that two share with the first.
    assert_eq!(p.line_with("existence").matches("existence").count(), 3, "{}", p.screen());
    p.types("d").sees("of the words shared");
    p.in_few_keys();
}

#[test]
fn put_one_more_run_beside_two() {
    let mut p = begin();
    p.types("c").sees("side by side");
    p.types("++");
    assert_eq!(p.line_with("answer ").matches("answer ").count(), 4, "{}", p.screen());
    p.types("-");
    assert_eq!(p.line_with("answer ").matches("answer ").count(), 3, "{}", p.screen());
    p.in_few_keys();
}

#[test]
fn see_all_runs_in_a_table() {
    let mut p = begin();
    p.types("U").sees("› runs").sees("HAcc").sees("smollm2-135m");
    p.in_few_keys();
}

#[test]
fn see_which_constraint_fails_most_and_read_such_a_generation() {
    let mut p = begin();
    p.types("M").sees("› matrix").sees("existence").sees("repeat_prompt");
    p.types("j<enter>").sees("constraint:existence");
    p.types("<enter>").sees("› read").sees("existence");
    p.in_few_keys();
}

#[test]
fn go_from_a_bin_of_a_plot_to_its_generations() {
    let mut p = begin();
    p.types("P").sees("› plots").sees("4–66");
    p.types("<enter>").sees("49 of 420").sees_no("› plots");
    p.in_few_keys();
}

#[test]
fn see_which_items_flipped_between_two_runs() {
    let mut p = begin();
    p.types("F").sees("› flips");
    p.types("<enter>").sees("side by side");
    p.in_few_keys();
}

#[test]
fn tag_two_generations_and_see_just_them() {
    // Types a query of six letters.
    let mut p = begin();
    p.types("1j1").types("/tag:1<enter>").sees("2 of 420");
}

#[test]
fn search_for_a_phrase_and_stand_on_it() {
    // Types the phrase.
    let mut p = begin();
    p.types("/\"step-by-step reasoning\"<enter>").sees("of 420");
    p.types("<enter>>").sees("step-by-step reasoning");
}

#[test]
fn take_back_a_filter_and_have_it_again() {
    let mut p = begin();
    p.types("f<space>").sees("of 420");
    p.types("u").sees("everything").sees_no("of 420");
    p.types("<c-r>").sees("of 420");
    p.in_few_keys();
}

#[test]
fn sort_by_length_of_the_answer() {
    let mut p = begin();
    p.types("sa");
    p.types("gg").sees("answer↓");
    assert!(p.line_with("▸smoll").contains(" 255 "), "{}", p.screen());
    // The reading pane follows.
    p.sees("smollm2-135m+wait2/own-single-9");
    p.in_few_keys();
}

#[test]
fn read_the_prompt_as_it_was_sent() {
    let mut p = begin();
    p.types("p").sees("› prompt").sees("A baker puts 7 rolls in each bag");
    p.types("<esc>").sees_no("› prompt");
    p.in_few_keys();
}

#[test]
fn copy_the_key_of_a_generation() {
    let mut p = begin();
    p.types("yk").sees("copied");
    // The base64 of "qwen2.5-coder-0.5b/own-single-0".
    assert!(
        p.written().contains("\u{1b}]52;c;cXdlbjIuNS1jb2Rlci0wLjViL293bi1zaW5nbGUtMA=="),
        "{}",
        p.screen()
    );
    p.in_few_keys();
}

#[test]
fn see_what_could_not_be_read_of_a_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let good = std::fs::read_to_string("sample_runs/smollm2-135m/constraints.jsonl").expect("a sample");
    let torn = format!("{good}{{\"id\": \"half a li\n");
    std::fs::write(folder.path().join("torn.jsonl"), torn).expect("the file is written");
    let mut p = begin_on(&folder.path().to_string_lossy());
    p.types("R").sees("› rejects").sees("torn.jsonl:31");
    p.in_few_keys();
}

#[test]
fn ask_the_help_for_a_word() {
    // Types the word.
    let mut p = begin();
    p.types("?").sees("help");
    p.types("twin").sees("Go to the same item without constraints").sees_no("Draw the whole screen anew");
    p.types("<esc>");
}

#[test]
fn do_something_by_its_name() {
    // Types part of the name.
    let mut p = begin();
    p.types(":matr").sees("Show shares by two fields");
    p.types("<enter>").sees("› matrix");
    p.in_few_keys();
}

#[test]
fn see_hidden_characters() {
    let mut p = begin();
    p.types("<enter>zr").sees("To·determine·the·total").sees("rolls.↵").sees("∅");
    p.types("zr").sees("To determine the total").sees_no("↵");
    p.in_few_keys();
}

#[test]
fn go_on_in_a_tiny_terminal() {
    let mut p = begin();
    p.types("jj");
    p.terminal.resize(40, 12).rest();
    p.sees("▸qwen2…-0.5b own-s…le-2");
    p.types("<enter>").sees("ANSWER");
    p.terminal.resize(120, 36).rest();
    p.types("<esc>").sees("own-single-2").sees("MODEL");
    p.in_few_keys();
}

#[test]
fn leave_and_have_the_terminal_back() {
    let mut p = begin();
    p.types("q");
    assert_eq!(p.terminal.ended(), 0);
    for given_back in ["\u{1b}[?1049l", "\u{1b}[?25h", "\u{1b}[?2004l"] {
        assert!(p.written().contains(given_back), "{given_back:?} was not written");
    }
    p.in_few_keys();
}

#[test]
fn come_back_to_where_one_was() {
    let mut p = begin();
    p.types("/no_c<tab><enter>").sees("51 of 420");
    p.types("jj");
    let at = p.line_with("▸qwen");
    p.types("<enter>").sees("› read");
    p.types("<esc>").sees("51 of 420");
    assert_eq!(p.line_with("▸qwen"), at);
}

#[test]
fn take_the_command_of_a_screen_along_and_get_the_same_numbers() {
    let mut p = begin();
    let table = [
        ("", "/no_c<tab><enter>", "51 of 420", "query failed:no_comma sample_runs", "own-triple-9"),
        ("", "<enter>", "4 commas too many", "show qwen2.5-coder-0.5b/own-double-1", "4 commas too many"),
        (
            "<esc>",
            "c",
            "3 violations",
            "compare qwen2.5-coder-0.5b qwen2.5-coder-0.5b+no-constraints --query",
            "1 pairs of 1 items",
        ),
        ("<esc>", "U", "27.8", "runs --query failed:no_comma", "0.2778"),
        ("<esc>", "uM", "25%", "matrix --rows constraint --columns run --measure followed", "0.2500 (4)"),
        ("", "P", "300 generations in bins", "plot by-length --of trace", "300 generations in bins"),
        ("", "<tab><tab><tab>", "median miss -33", "plot margins --of number_words", "median miss -33"),
        ("", "F", "[+6.0, +41.1]", "compare qwen2.5-coder-0.5b qwen2.5-coder-0.5b+no-c", "0.0598 … 0.4106"),
        ("", "R", "› rejects", "heedless rejects sample_runs", ""),
    ];
    for (before, keys, on_screen, command, printed) in table {
        p.types(before);
        p.types(keys).sees(on_screen);
        let (copied, out) = p.runs_its_command();
        assert!(copied.contains(command), "{copied}");
        assert!(out.contains(printed), "{copied}\n{out}");
        if keys.starts_with("/no_c") {
            assert_eq!(out.lines().count(), 1 + 51, "{out}");
        }
    }
}

#[test]
fn take_along_how_it_was_judged() {
    let mut p = begin_with(&["--judged", "answer", "sample_runs"]);
    p.types("U").sees("judged: answer");
    let (copied, out) = p.runs_its_command();
    assert_eq!(copied, "heedless runs --judged answer sample_runs");
    assert!(out.contains("judged: answer"), "{out}");
    p.in_few_keys();
}

#[cfg(unix)]
#[test]
fn open_the_output_in_an_editor_at_the_violation() {
    use std::os::unix::fs::PermissionsExt;

    // Types part of a name. The editor notes what it was asked and who may read what it was given.
    let tools = tempfile::tempdir().expect("a temporary folder");
    let (editor, noted) = (tools.path().join("nano"), tools.path().join("noted"));
    let script = format!(
        "#!/bin/sh\nstat -c %a \"$2\" \"$(dirname \"$2\")\" > {0}\necho \"$1\" >> {0}\necho \"$2\" >> {0}\n\
         sed -n \"$(echo \"$1\" | tr -d + | cut -d, -f1)p\" \"$2\" >> {0}\n",
        noted.display()
    );
    std::fs::write(&editor, script).expect("the script is written");
    std::fs::set_permissions(&editor, PermissionsExt::from_mode(0o755)).expect("it may be run");
    let mut p = begin_in(&["sample_runs"], &[("VISUAL", &editor.to_string_lossy())]);
    p.types("/no_c<tab><enter>").sees("51 of 420");
    p.types("n");
    p.types("E").sees("51 of 420");
    let noted = std::fs::read_to_string(noted).expect("the editor ran");
    let lines: Vec<&str> = noted.lines().collect();
    assert_eq!(&lines[..2], ["600", "700"], "{noted}");
    // The line and column that it was sent to are those of a comma.
    let column: usize = lines[2].split(',').nth(1).and_then(|c| c.parse().ok()).expect("line and column");
    assert_eq!(lines[4].chars().nth(column - 1), Some(','), "{noted}");
    assert!(!Path::new(lines[3]).exists(), "the copy is gone");
}
