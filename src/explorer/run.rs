//! The loop: events in, effects out, a frame when something changed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use crossbeam_channel::{RecvTimeoutError, Sender, unbounded};
use crossterm::clipboard::CopyToClipboard;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM};

use super::app::App;
use super::clipboard;
use super::effect::Effect;
use super::event::{Event, Reading};
use super::jobs::{Jobs, Setting};
use super::keeper::Keeper;
use super::late::Late;
use super::outside::{Place, Tool};
use super::screen::Screen;
use super::session::Session;
use super::theme::Theme;
use super::view;
use super::watch::Watch;
use crate::config::Config;
use crate::library::{BuildOptions, Query};
use crate::path::shown;
use crate::text::{visible, width};
use crate::tokens::Tokenizer;
use crate::triage::Store;

/// How the screen looks, as far as it was typed: what is `None` is left to the settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// `auto`, `ansi`, `dark`, `light`, `mono`, or a file; `auto` is the sixteen colours, with a
    /// selection tinted to fit what the terminal says of itself.
    pub theme: Option<PathBuf>,
    /// ASCII signs only.
    pub ascii: Option<bool>,
    /// No colour (`NO_COLOR`, `--color never`).
    pub no_color: bool,
    /// Take the mouse.
    pub mouse: Option<bool>,
}

/// What the explorer is started with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder of the library.
    pub dir: PathBuf,
    /// What the user pointed at.
    pub paths: Vec<PathBuf>,
    /// How outputs are judged.
    pub build: BuildOptions,
    /// What counts the tokens that a file does not say.
    pub tokenizer: Option<Arc<Tokenizer>>,
    /// Options typed that commands to copy need too, as they were typed.
    pub typed: Vec<OsString>,
    /// A query to begin with, instead of the last session's.
    pub query: Option<String>,
    /// A key to begin at, on the full screen.
    pub at: Option<String>,
    /// A saved view to begin with.
    pub view: Option<String>,
    /// The run that others are held against, when one was typed.
    pub baseline: Option<String>,
    /// The user's key map, when there is one.
    pub keymap: Option<PathBuf>,
    /// How it looks.
    pub look: Look,
    /// The user's settings.
    pub config: Arc<Config>,
}

/// How long a terminal is waited for that is asked for its colours. Those at hand answer within a
/// few milliseconds; what comes later is not taken for keys.
const PATIENCE: Duration = Duration::from_millis(100);

/// No more than so many frames are drawn in a second, however fast events come.
const FRAME: Duration = Duration::from_millis(12);

/// Runs the explorer until the user leaves. The terminal is given back whatever happens.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let now = Instant::now();
    let mut app = App::new(name_of(&options.paths), now);
    app.paths.clone_from(&options.paths);
    app.typed.clone_from(&options.typed);
    app.judged = options.build.judged;
    let (events_in, events) = unbounded();
    let setting = Setting {
        dir: options.dir.clone(),
        paths: options.paths.clone(),
        build: options.build,
        tokenizer: options.tokenizer.clone(),
    };
    // The files are read while the terminal is asked and taken.
    let mut jobs = Jobs::start(&setting, &events_in);
    for effect in app.begin() {
        if let Effect::Job(job) = effect {
            jobs.submit(job);
        }
    }
    let config = &options.config;
    let late = settle(&mut app, &options.look, config)?;
    if let Some(path) = &options.keymap {
        let source = std::fs::read_to_string(path).with_context(|| shown(path))?;
        app.keymap.overlay(&shown(path), &source)?;
    }
    let session_path = Session::path(&options.dir);
    match session_path.as_deref().map(Session::load) {
        Some(Ok(session)) => app.restore(session),
        Some(Err(notice)) => app.complain(notice),
        None => {}
    }
    begin_at(&mut app, options)?;
    app.mouse = options.look.mouse.or(config.mouse).unwrap_or(true);

    let title = visible(&format!("heedless: {}", app.name));
    let mut screen = Screen::enter(app.mouse, &title, Session::folder().map(|folder| folder.join("faults")))
        .context("the terminal cannot be used")?;
    let mut tokenizer = options.tokenizer.clone();
    let mut world = World {
        jobs,
        keeper: Keeper::start(Store::default_path().map_err(|e| e.to_string()), events_in.clone()),
        reading: Reading::start(events_in.clone(), late),
        watch: Watch::start(events_in.clone()),
        session_path,
        ended: false,
    };
    watch_signals(events_in)?;

    world.measure(&mut app, &mut screen);
    let mut dirty = true;
    let mut drawn = now.checked_sub(FRAME).unwrap_or(now);
    while !world.ended {
        if dirty && (events.is_empty() || drawn.elapsed() >= FRAME) {
            let done = screen.draw(|frame| {
                let cursor = view::draw(&app, frame.buffer_mut());
                if let Some(place) = cursor {
                    frame.set_cursor_position(place);
                }
            });
            if let Err(error) = done {
                // The terminal went away: what is remembered is kept all the same.
                for effect in app.update(Event::Ended) {
                    world.carry_out(effect, &mut app, &mut screen);
                }
                return Err(error).context("the terminal cannot be written");
            }
            (dirty, drawn) = (false, Instant::now());
            if let Some(tokenizer) = tokenizer.take_if(|_| app.found.is_some()) {
                // The first count reads the tokenizer's table: not while somebody waits for a page, and
                // not while the list is on its way.
                std::thread::Builder::new().name("tokenizer".into()).spawn(move || tokenizer.count("x"))?;
            }
            #[cfg(debug_assertions)]
            assert!(std::env::var_os("HEEDLESS_FAULT").is_none(), "asked for by HEEDLESS_FAULT");
        }
        let event = match app.wakes() {
            None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(at) => events.recv_deadline(at),
        };
        let event = match event {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => Event::Tick,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        if let Event::Answer(ticket, _) = &event
            && !world.jobs.is_current(*ticket)
        {
            continue;
        }
        app.now = Instant::now();
        for effect in app.update(event) {
            world.carry_out(effect, &mut app, &mut screen);
        }
        dirty = true;
    }
    world.jobs.stop();
    Ok(())
}

/// What effects act on.
struct World {
    jobs: Jobs,
    keeper: Keeper,
    reading: Reading,
    watch: Watch,
    session_path: Option<PathBuf>,
    ended: bool,
}

impl World {
    fn carry_out(&mut self, effect: Effect, app: &mut App, screen: &mut Screen) {
        match effect {
            Effect::Job(job) => self.jobs.submit(job),
            Effect::Copy { what, text } => copy(app, screen, what, &text),
            Effect::Edit { path, line } => {
                let path = path.canonicalize().unwrap_or(path);
                let open = || Tool::Editor.open(&path, Place::line(line)).map(|()| false);
                self.away(app, screen, Tool::Editor, open);
            }
            Effect::Show { text, at, tool } => self.away(app, screen, tool, || tool.show(&text, at)),
            Effect::Suspend => {
                let stopped = self.reading.paused(|| {
                    screen.away(|| {
                        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)
                    })
                });
                if let Err(error) = stopped {
                    app.complain(format!("could not suspend: {error}"));
                }
                self.measure(app, screen);
            }
            Effect::Redraw => {
                let _ = screen.redraw();
            }
            Effect::Mouse(on) => {
                let _ = screen.mouse(on);
            }
            Effect::Watch(path) => self.watch.on(path),
            Effect::Remember(session) => {
                if let Some(path) = &self.session_path
                    && let Err(error) = session.save(path)
                {
                    app.complain(format!("{}: {error}; this session will not be remembered", shown(path)));
                }
            }
            Effect::Keep(what) => {
                if !self.keeper.keep(what) {
                    app.complain("tags and notes cannot be kept: see the first message");
                }
            }
            Effect::Quit => self.ended = true,
        }
    }

    /// Hands the terminal to another program and takes it back.
    fn away(
        &mut self,
        app: &mut App,
        screen: &mut Screen,
        tool: Tool,
        run: impl FnOnce() -> std::io::Result<bool>,
    ) {
        match self.reading.paused(|| screen.away(run)) {
            Ok(Ok(false)) => {}
            Ok(Ok(true)) => app.say("that was a copy: what was changed in it is not kept"),
            Ok(Err(error)) | Err(error) => app.complain(format!("{}: {error}", tool.name())),
        }
        self.measure(app, screen);
    }

    /// Tells what size the terminal has: nobody tells of what happened to it while it was not ours.
    fn measure(&mut self, app: &mut App, screen: &mut Screen) {
        let Ok((columns, rows)) = crossterm::terminal::size() else { return };
        for effect in app.update(Event::Resize(columns, rows)) {
            self.carry_out(effect, app, screen);
        }
    }
}

fn copy(app: &mut App, screen: &mut Screen, what: &str, text: &str) {
    if text.len() > clipboard::LIMIT {
        app.complain(format!("{what} is too long to copy; the pager shows it, `heedless show` prints it"));
        return;
    }
    let by_tool = clipboard::offer(text);
    let by_terminal = screen.send(CopyToClipboard::to_clipboard_from(text)).is_ok();
    match (by_tool, by_terminal) {
        (false, false) => app.complain(format!("{what} could not be copied")),
        _ => app.say(format!("copied {what}{}", told(text))),
    }
}

/// What was copied, as far as a message holds it: the line, or how many there are.
fn told(text: &str) -> String {
    match text.trim_end().lines().count() {
        0 => ": it is empty".to_owned(),
        1 => format!(": {}", width::cut(&visible(text.trim_end()), 60)),
        lines => format!(": {lines} lines"),
    }
}

/// The name of what is looked at: the last part of the path.
fn name_of(paths: &[PathBuf]) -> String {
    let last = |path: &Path| {
        let full = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        shown(full.file_name().unwrap_or(full.as_os_str()))
    };
    match paths {
        [] => "heedless".into(),
        [one] => last(one),
        [first, rest @ ..] => format!("{} and {} more", last(first), rest.len()),
    }
}

/// The look, the keys and the names that the settings give, and what is wrong in them. Gives what a
/// terminal that was asked for its colours still owes.
fn settle(app: &mut App, look: &Look, config: &Config) -> anyhow::Result<Option<Late>> {
    if let Some(trouble) = config.troubles.first() {
        let more = config.troubles.len() - 1;
        let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        app.complain(format!("{trouble}{more}; `heedless config check` says all"));
    }
    let named = match theme(look, config) {
        Ok(theme) => theme,
        // What was typed just now can be typed again; what was set long ago must not be in the way.
        Err(error) if look.theme.is_some() => return Err(error),
        Err(error) => {
            app.complain(format!("{error:#}"));
            None
        }
    };
    let (theme, late) = named.map_or_else(tinted, |theme| (theme, None));
    let ascii = look.ascii.or(config.ascii).unwrap_or(false);
    app.theme = if ascii { theme.in_ascii() } else { theme };
    app.reader.view.ascii = ascii;
    app.reader.unwrapped = !config.wrap.unwrap_or(true);
    app.browse.columns.clone_from(&config.columns);
    app.triage.given.clone_from(&config.tags);
    if let Some(keymap) = &config.keymap {
        app.keymap = keymap.clone();
    }
    Ok(late)
}

/// What the command line said to begin with goes before what was remembered.
fn begin_at(app: &mut App, options: &Options) -> anyhow::Result<()> {
    if let Some(name) = &options.view {
        let view = app.session.views.get(name).cloned();
        let view = view.with_context(|| {
            let names: Vec<_> = app.session.views.keys().cloned().collect();
            format!("no view is saved as `{name}`; there are: {}", names.join(", "))
        })?;
        app.ask.query = Query::parse(&view.query).map_err(|e| anyhow::anyhow!("{}: {e}", view.query))?;
    }
    if let Some(query) = &options.query {
        app.ask.query = Query::parse(query).map_err(|e| anyhow::anyhow!("{query}: {e}"))?;
    }
    let chosen = !app.flips.a.is_empty();
    if let Some(run) = options.baseline.as_ref().or(options.config.baseline.as_ref().filter(|_| !chosen)) {
        app.flips.a.clone_from(run);
    }
    if let Some(key) = &options.at {
        app.session.key = Some(key.clone());
        app.open(super::app::Screen::Read);
    }
    Ok(())
}

/// The theme that was typed, else set; `None` for `auto`. An error names the file and the line.
pub fn theme(look: &Look, config: &Config) -> anyhow::Result<Option<Theme>> {
    if look.no_color || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) {
        return Ok(Some(Theme::mono()));
    }
    Ok(Some(match look.theme.as_deref().or(config.theme.as_deref()) {
        None => return Ok(None),
        Some(path) if path == Path::new("auto") => return Ok(None),
        Some(path) => {
            if let Some(theme) = path.to_str().and_then(Theme::named) {
                theme
            } else {
                let name = shown(path);
                let source = std::fs::read_to_string(path).with_context(|| {
                    format!("{name}: a theme is auto, ansi, dark, light, mono, or a file")
                })?;
                Theme::ansi().with(&name, &source)?
            }
        }
    }))
}

/// The sixteen colours; where the terminal says what its own two are and can mix, the selection
/// is a tint between them. Comes with the reply that the terminal still owes, if it does.
fn tinted() -> (Theme, Option<Late>) {
    let theme = Theme::ansi();
    let mixes = std::env::var("COLORTERM").is_ok_and(|v| v == "truecolor" || v == "24bit");
    // Replies to the question leak as text under some multiplexers and slow links: not asked there.
    let asks = mixes && !clipboard::is_remote() && std::env::var_os("TMUX").is_none();
    if !asks {
        return (theme, None);
    }
    let mut options = terminal_colorsaurus::QueryOptions::default();
    // A terminal that does not know the question answers the one after it at once: only a slow one
    // uses this up.
    options.timeout = PATIENCE;
    match terminal_colorsaurus::color_palette(options) {
        Ok(palette) => {
            let (background, foreground) =
                (palette.background.scale_to_8bit(), palette.foreground.scale_to_8bit());
            (theme.tinted(background, foreground), None)
        }
        Err(_) => (theme, Some(Late::new(Instant::now()))),
    }
}

fn watch_signals(events: Sender<Event>) -> anyhow::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGTERM, SIGINT, SIGCONT])?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            let event = if signal == SIGCONT { Event::Continued } else { Event::Ended };
            if events.send(event).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}
