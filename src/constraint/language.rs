//! `language:response_language`, and the language of a text as the reference's detector sees it.
//!
//! The detector walks at random over letter groups. Its seed is fixed at 0, which gives the code
//! that the reference gives with that seed; the public script sets none and disagrees with itself
//! on about one text in a hundred. A verdict that other seeds overturn is called unstable.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use langdetect::{Compat, DetectorFactory, Language, Seed};

use super::args::{Args, Refusal, Result};
use super::drift::Drift;
use super::rule::{Finding, Judged, Rule};
use super::{Role, python};

/// Above this probability of the first language other seeds are not tried: six of them gave another
/// code on 15 of 15,815 texts.
const SETTLED: f64 = 0.995;

/// The seeds that a verdict is tried under when it is not settled.
const OTHER_SEEDS: [u128; 4] = [1, 2, 3, 4];

/// What the detector said of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Detection {
    /// The language's code; `None` when the text has nothing to detect.
    code: Option<String>,
    probability: f64,
}

impl Detection {
    /// The code, if it is another one. A text with nothing to detect is in no other language.
    pub(super) fn other_than(&self, wanted: &str) -> Option<&str> {
        self.code.as_deref().filter(|&code| code != wanted)
    }

    /// Whether another seed gives another verdict on the text.
    pub(super) fn is_unstable(&self, text: &str, wanted: &str) -> bool {
        if self.code.is_none() || self.probability >= SETTLED {
            return false;
        }
        let followed = self.other_than(wanted).is_none();
        OTHER_SEEDS
            .iter()
            .any(|&seed| detect_with(text, seed, TRIALS).other_than(wanted).is_none() != followed)
    }
}

/// Walks that the reference's detector averages over.
const TRIALS: i64 = 7;

fn factory() -> &'static DetectorFactory {
    static FACTORY: OnceLock<DetectorFactory> = OnceLock::new();
    FACTORY.get_or_init(|| {
        // The Python that the reference's verdicts were made with.
        let mut factory = DetectorFactory::new(Compat::python(11));
        factory.load_builtin(&DetectorFactory::builtin_files()).expect("the detector's own profiles load");
        factory
    })
}

/// Loads the detector's profiles.
pub(super) fn warm_up() {
    factory();
}

/// The language of a text as the reference sees it.
pub(super) fn detect(text: &str) -> Detection {
    detect_with(text, 0, TRIALS)
}

/// Tells the language of short passages, among a few languages: what the reference's detector is
/// too slow for, and too fickle on one sentence.
#[derive(Clone, Copy)]
pub(super) struct Guess(&'static DetectorFactory);

impl Guess {
    /// Languages that a text drifts into when nothing hints at one.
    const USUAL: [&str; 4] = ["en", "es", "fr", "de"];

    /// Tells `wanted` from the language the whole text is taken for and from English; from a few
    /// widespread ones when all these are one.
    pub(super) fn between(wanted: &str, detected: Option<&str>) -> Self {
        let mut codes: Vec<&str> = [Some(wanted), detected, Some("en")].into_iter().flatten().collect();
        codes.sort_unstable();
        codes.dedup();
        if codes.len() < 2 {
            codes = Self::USUAL.to_vec();
        }
        Self::among(&codes)
    }

    fn among(codes: &[&str]) -> Self {
        type Factories = HashMap<String, &'static DetectorFactory>;
        static MADE: OnceLock<Mutex<Factories>> = OnceLock::new();
        let mut made = MADE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        let factory = made.entry(codes.join(" ")).or_insert_with(|| {
            let known: Vec<&str> =
                codes.iter().copied().filter(|code| factory().langlist().iter().any(|l| l == code)).collect();
            let mut few = DetectorFactory::new(Compat::python(11));
            few.seed = Seed::Int(0);
            few.load_builtin(&known).expect("the detector's own profiles load");
            // One for each set of languages that was ever needed, kept for the life of the program.
            Box::leak(Box::new(few))
        });
        Self(factory)
    }

    /// The code of a passage's language, and how probable it is.
    pub(super) fn language(self, passage: &str) -> Option<(String, f64)> {
        let mut detector = self.0.create().ok()?;
        detector.n_trial = 1;
        detector.append(passage);
        let best = detector.get_probabilities().ok()?.into_iter().next()?;
        Some((best.lang, best.prob))
    }
}

/// The language of a passage among all, from a single walk: enough to name it.
pub(super) fn name_passage(passage: &str) -> Option<String> {
    detect_with(passage, 0, 1).code
}

fn detect_with(text: &str, seed: u128, trials: i64) -> Detection {
    let languages = factory().create().and_then(|mut detector| {
        detector.seed = Seed::Int(seed);
        detector.n_trial = trials;
        detector.append(text);
        detector.get_probabilities()
    });
    match languages.map(|list| list.into_iter().next()) {
        Ok(Some(Language { lang, prob })) => Detection { code: Some(lang), probability: prob },
        // Every language is improbable: the detector then says so, and that is a code like others.
        Ok(None) => Detection { code: Some("unknown".to_owned()), probability: 0.0 },
        Err(_) => Detection { code: None, probability: 0.0 },
    }
}

/// Written in one language.
#[derive(Debug)]
struct ResponseLanguage(String);

pub(super) fn response_language(args: &Args<'_>) -> Result<Box<dyn Rule>> {
    Ok(Box::new(ResponseLanguage(args.text("language")?.to_owned())))
}

impl Rule for ResponseLanguage {
    fn examine(&self, judged: &Judged<'_>) -> std::result::Result<Finding, Refusal> {
        let detection = detect(judged.text);
        let drift = Drift::from_language(judged.text, judged.math(), &self.0, detection.code.as_deref());
        let other = detection.other_than(&self.0);
        let share = drift.share();
        let margin = match other {
            None => 1.0 - share,
            // Not one passage stands out, and still the whole is taken for another language.
            Some(_) if share == 0.0 => -detection.probability.max(0.01),
            Some(_) => -share,
        };
        let mut finding = Finding::new(1.0 - share, margin, "share");
        finding.unstable = detection.is_unstable(judged.text, &self.0);
        if judged.wants_marks() {
            self.explain(judged, &detection, &drift, &mut finding);
        }
        Ok(finding)
    }

    fn label(&self) -> String {
        format!("in {}", name(&self.0))
    }
}

impl ResponseLanguage {
    fn explain(&self, judged: &Judged<'_>, detection: &Detection, drift: &Drift, finding: &mut Finding) {
        let wanted = name(&self.0);
        let percent = 100.0 * drift.share();
        finding.sentence = match (&detection.code, detection.other_than(&self.0)) {
            (None, _) => "no letters to detect a language from, which counts as followed".to_owned(),
            (_, Some(code)) => {
                format!("reads as {}, not {wanted} ({percent:.0} % of the letters outside math)", name(code))
            }
            (_, None) if drift.passages.is_empty() => format!("reads as {wanted}"),
            (_, None) => format!("reads as {wanted}, but {percent:.0} % of the letters outside math do not"),
        };
        for passage in &drift.passages {
            finding.mark(passage.place.clone(), Role::Region, Some(passage.name(judged.text)));
        }
        if let Some(code) = detection.other_than(&self.0).filter(|_| drift.passages.is_empty()) {
            finding.mark(python::strip_range(judged.text), Role::Region, Some(name(code).to_owned()));
        }
    }
}

/// The English name of a language the detector knows; any other code stands for itself.
pub(super) fn name(code: &str) -> &str {
    NAMES.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
}

const NAMES: [(&str, &str); 56] = [
    ("af", "Afrikaans"),
    ("ar", "Arabic"),
    ("bg", "Bulgarian"),
    ("bn", "Bengali"),
    ("ca", "Catalan"),
    ("cs", "Czech"),
    ("cy", "Welsh"),
    ("da", "Danish"),
    ("de", "German"),
    ("el", "Greek"),
    ("en", "English"),
    ("es", "Spanish"),
    ("et", "Estonian"),
    ("fa", "Persian"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("gu", "Gujarati"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hr", "Croatian"),
    ("hu", "Hungarian"),
    ("id", "Indonesian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("kn", "Kannada"),
    ("ko", "Korean"),
    ("lt", "Lithuanian"),
    ("lv", "Latvian"),
    ("mk", "Macedonian"),
    ("ml", "Malayalam"),
    ("mr", "Marathi"),
    ("ne", "Nepali"),
    ("nl", "Dutch"),
    ("no", "Norwegian"),
    ("pa", "Punjabi"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("sk", "Slovak"),
    ("sl", "Slovenian"),
    ("so", "Somali"),
    ("sq", "Albanian"),
    ("sv", "Swedish"),
    ("sw", "Swahili"),
    ("ta", "Tamil"),
    ("te", "Telugu"),
    ("th", "Thai"),
    ("tl", "Tagalog"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("vi", "Vietnamese"),
    ("zh", "Chinese"),
    ("zh-cn", "Chinese (simplified)"),
    ("zh-tw", "Chinese (traditional)"),
];
