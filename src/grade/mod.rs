//! Final answers: extraction, parsing, comparison.
//!
//! An answer is [found](extract) in the judged text and compared with the gold answer in one of two
//! modes: as the [public grader](mod@reference) does, or by what both [mean](parse): [values](value)
//! that are [equal].

use std::ops::Range;

use serde::{Deserialize, Serialize};

mod equal;
mod expr;
mod extract;
mod parse;
mod precise;
mod reference;
mod residue;
mod spelling;
mod token;
mod unit;
mod value;

pub use extract::last_box;

/// How strictly answers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum GradeMode {
    /// What the public grader would say, quirks included: comparable with published numbers.
    #[default]
    Reference,
    /// What is mathematically right.
    Exact,
}

/// The verdict on a final answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grade {
    /// Right, wrong, or not known (no gold answer, nothing that can be compared).
    pub correct: Option<bool>,
    /// The answer as found in the output.
    pub extracted: Option<String>,
    /// Where it was found, as bytes of the output.
    pub span: Option<Range<usize>>,
    /// The rule that decided: `boxed, exact value`.
    pub rule: &'static str,
}

/// A gold answer made ready to compare many answers with.
#[derive(Debug)]
pub struct Gold {
    prepared: Option<Prepared>,
}

#[derive(Debug)]
struct Prepared {
    reference: reference::Reference,
    exact: Option<expr::Expr>,
    text: String,
}

impl Gold {
    /// Parses the gold answer once.
    pub fn new(gold: Option<&str>) -> Self {
        let prepared = gold.filter(|g| !g.trim().is_empty()).map(|gold| Prepared {
            reference: reference::Reference::new(gold),
            exact: parse::parse(gold, parse::Dialect::Exact),
            text: gold.trim().to_owned(),
        });
        Self { prepared }
    }

    /// Grades `text[judged]`, the text that the judged-span rule selects.
    ///
    /// In [`GradeMode::Reference`] there is a verdict wherever there is a gold answer, an empty
    /// output included. In [`GradeMode::Exact`] it is unknown where no answer is found in a text
    /// that is not empty, or one of the two is not understood.
    pub fn grade(&self, text: &str, judged: Range<usize>, mode: GradeMode) -> Grade {
        let part = text.get(judged.clone()).unwrap_or_default();
        match mode {
            GradeMode::Reference => {
                let found = extract::reference(part);
                let answer = &part[found.range.clone()];
                let (correct, rule) = match &self.prepared {
                    Some(gold) => {
                        let (right, rule) = gold.reference.accepts(answer);
                        (Some(right), reference_rule(found.how, rule))
                    }
                    None => (None, "no gold answer"),
                };
                Grade {
                    correct,
                    extracted: Some(answer.to_owned()),
                    span: Some(judged.start + found.range.start..judged.start + found.range.end),
                    rule,
                }
            }
            GradeMode::Exact => {
                let Some(found) = extract::exact(part) else {
                    let correct = self.prepared.is_some() && part.trim().is_empty();
                    return Grade {
                        correct: correct.then_some(false),
                        extracted: None,
                        span: None,
                        rule: if self.prepared.is_none() { "no gold answer" } else { "no answer found" },
                    };
                };
                let answer = &part[found.range.clone()];
                let (correct, rule) = match &self.prepared {
                    Some(gold) => gold.exactly(answer, found.how),
                    None => (None, "no gold answer"),
                };
                Grade {
                    correct,
                    extracted: Some(answer.to_owned()),
                    span: Some(judged.start + found.range.start..judged.start + found.range.end),
                    rule,
                }
            }
        }
    }
}

impl Prepared {
    fn exactly(&self, answer: &str, found: extract::How) -> (Option<bool>, &'static str) {
        if answer.trim() == self.text {
            return (Some(true), exact_rule(found, None));
        }
        let outcome = match (&self.exact, parse::parse(answer, parse::Dialect::Exact)) {
            (Some(gold), Some(given)) => equal::compare(gold, &given),
            _ => None,
        };
        match outcome {
            Some((right, how)) => (Some(right), exact_rule(found, Some(how))),
            None => (None, "not understood"),
        }
    }
}

fn reference_rule(found: extract::How, rule: &'static str) -> &'static str {
    use extract::How;
    macro_rules! rules {
        ($($rule:literal),*) => {
            match (found, rule) {
                $(
                    (How::Boxed, $rule) => concat!("boxed, ", $rule),
                    (How::Announced, $rule) => concat!("announced, ", $rule),
                    (How::Last, $rule) => concat!("last number, ", $rule),
                    (How::Whole, $rule) => concat!("whole text, ", $rule),
                )*
                _ => rule,
            }
        };
    }
    rules!(
        "same text",
        "same text without units",
        "equal parts",
        "too long to compare",
        "number within 1/10,000",
        "number, as a percentage",
        "equal value",
        "different",
        "exact value",
        "value at random points",
        "words",
        "part by part"
    )
}

fn exact_rule(found: extract::How, how: Option<equal::How>) -> &'static str {
    let rule = match how {
        None => "same text",
        Some(equal::How::Exact) => "exact value",
        Some(equal::How::Points) => "value at random points",
        Some(equal::How::Text) => "words",
        Some(equal::How::Parts) => "part by part",
    };
    reference_rule(found, rule)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn correct(gold: &str, answer: &str, mode: GradeMode) -> Option<bool> {
        let text = format!("\\boxed{{{answer}}}");
        Gold::new(Some(gold)).grade(&text, 0..text.len(), mode).correct
    }

    #[test]
    fn equal_answers_are_equal() {
        let table = [
            ("\\frac{1}{2}", "0.5"),
            ("\\frac12", "\\dfrac{2}{4}"),
            ("\\frac{270}7\\text{ degrees}", "\\frac{270}{7}^\\circ"),
            ("1\\frac{4}{5}", "\\frac{9}{5}"),
            ("137 \\frac{1}{2}", "137.5"),
            ("\\sqrt{8}", "2\\sqrt2"),
            ("\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt{2}}{2}"),
            ("\\frac{1}{1+\\sqrt 2}", "\\sqrt{2}-1"),
            ("2^{1009}", "2 \\cdot 2^{1008}"),
            ("5!", "120"),
            ("\\binom{5}{2}", "10"),
            ("\\sin 30^\\circ", "\\frac12"),
            ("\\sin\\frac{\\pi}{3}", "\\frac{\\sqrt3}{2}"),
            ("\\cos^2 x + \\sin^2 x", "1"),
            ("\\tan^{-1} 1", "\\frac{\\pi}{4}"),
            ("\\log_2 32", "5"),
            ("\\ln e^3", "3"),
            ("\\frac{3\\pi}{2}", "1.5\\pi"),
            ("30^\\circ", "30"),
            ("30^\\circ", "\\frac{\\pi}{6}"),
            ("6 - 5i", "-5i+6"),
            ("(1+i)^2", "2i"),
            ("\\frac{1}{i}", "-i"),
            ("(5,\\infty)", "x > 5"),
            ("(3,4]", "3 < \\lambda \\le 4"),
            ("x \\in [-2,7]", "[-2, 7]"),
            ("x \\in [-2,7]", "-2 \\le x \\le 7"),
            ("1,-2", "-2, 1"),
            ("1,-2", "x = -2 \\text{ or } x = 1"),
            ("\\{1,2\\}", "2, 1"),
            ("1 \\pm \\sqrt{19}", "1-\\sqrt{19}, 1+\\sqrt{19}"),
            ("(-\\infty,0)\\cup(1,2)", "(1,2) \\cup (-\\infty,0)"),
            (
                "\\begin{pmatrix} -1/3 \\\\ 2 \\end{pmatrix}",
                "\\begin{pmatrix} -\\frac{1}{3} \\\\ 2 \\end{pmatrix}",
            ),
            ("\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "(1,2)"),
            ("x=5", "5"),
            ("5", "x = 2 + 3 = 5"),
            ("y = 2x+1", "f(x) = 2x + 1"),
            ("5x - 7y + 4 = 0", "10x + 8 = 14y"),
            ("\\text{east}", "East"),
            ("\\text{(B)}", "B"),
            ("\\text{(B)}", "\\textbf{(B)}"),
            ("204_5", "204_{5}"),
            ("204_5", "204"),
            ("58,500", "58500"),
            ("10,\\!080", "10080"),
            ("11,\\! 111,\\! 111,\\! 100", "11111111100"),
            ("\\$32,\\!348", "32348"),
            ("15", "15 toys"),
            ("5 \\text{ m}", "500 \\text{ cm}"),
            ("2\\text{ hours}", "120 \\text{ minutes}"),
            ("50\\%", "0.5"),
            ("50\\%", "50"),
            (".0000672", "6.72 \\times 10^{-5}"),
            ("3.61e-10", "3.61\\times 10^{-10}"),
            ("\\frac{11+9a}{20}", "\\frac{9a}{20}+0.55"),
            ("(a+5)(b+2)", "ab + 2a + 5b + 10"),
            ("x^3+3x-6", "-6+3x+x^{3}"),
            ("\\sqrt[3]{54}", "3\\sqrt[3]{2}"),
            ("|{-3}|", "3"),
            ("e^{i\\pi}", "-1"),
            ("½", "0.5"),
            ("x²", "x*x"),
            ("−5", "-5"),
        ];
        for (gold, answer) in table {
            assert_eq!(correct(gold, answer, GradeMode::Exact), Some(true), "{gold} and {answer}");
            assert_eq!(correct(answer, gold, GradeMode::Exact), Some(true), "{answer} and {gold}");
        }
    }

    #[test]
    fn different_answers_are_different() {
        let table = [
            ("\\frac{1}{3}", "0.333"),
            ("0.3", "30"),
            ("(1,2)", "(2,1)"),
            ("(1,2)", "[1,2]"),
            ("(3,4]", "3 \\le x \\le 4"),
            ("\\sqrt{2}", "1.41421356"),
            ("\\pi", "3.14"),
            ("1,2", "1,2,3"),
            ("1,2", "12"),
            ("x^2", "x^3"),
            ("2k+2", "2k"),
            ("\\text{east}", "west"),
            ("\\text{(B)}", "C"),
            ("204_5", "205_5"),
            ("5 \\text{ m}", "5 \\text{ cm}"),
            ("\\infty", "-\\infty"),
            ("5x - 7y + 4 = 0", "5x - 7y + 5 = 0"),
            ("\\begin{pmatrix} 1 & 2 \\end{pmatrix}", "\\begin{pmatrix} 2 & 1 \\end{pmatrix}"),
            ("2\\sqrt{113}", "4\\sqrt{29}"),
            ("10^{100}", "10^{100}+1"),
            ("3\\sqrt{5}", "35"),
        ];
        for (gold, answer) in table {
            assert_eq!(correct(gold, answer, GradeMode::Exact), Some(false), "{gold} and {answer}");
            assert_eq!(correct(answer, gold, GradeMode::Exact), Some(false), "{answer} and {gold}");
        }
    }

    #[test]
    fn the_quirks_of_the_public_grader() {
        let table = [
            ("0.3", "30", true),
            ("\\pi", "3.14", true),
            ("10000", "10000.5", true),
            ("1,2", "2,1", false),
            ("15", "15 toys", false),
            ("15", "15 hours", true),
            ("40_9", "40", true),
            ("x=5", "5", true),
            ("\\log_2 32", "5", false),
            ("1048576", "16^5", false),
            ("1024", "2^{10}", true),
            ("\\text{(B)}", "\\textbf{(B)}", true),
            ("\\frac{11+9a}{20}", "\\frac{9a + 11}{20}", true),
            ("998.5", "\\frac{1997}{2}", true),
            ("58,500", "58500", true),
            ("10", "10\\%", true),
            ("1 \\pm \\sqrt{19}", "1-\\sqrt{19}, 1+\\sqrt{19}", false),
        ];
        for (gold, answer, right) in table {
            assert_eq!(correct(gold, answer, GradeMode::Reference), Some(right), "{gold} and {answer}");
        }
    }

    #[test]
    fn nothing_known_is_unknown() {
        let none = Gold::new(None);
        for mode in [GradeMode::Reference, GradeMode::Exact] {
            assert_eq!(none.grade("\\boxed{5}", 0..9, mode).correct, None);
        }
        let gold = Gold::new(Some("5"));
        assert_eq!(gold.grade("I have no idea", 0..14, GradeMode::Exact).correct, None);
        assert_eq!(gold.grade("I have no idea", 0..14, GradeMode::Reference).correct, Some(false));
        assert_eq!(gold.grade("", 0..0, GradeMode::Exact).correct, Some(false));
    }

    #[test]
    fn the_place_is_in_the_whole_output() {
        let text = "trace </think> é \\boxed{ 5 } done";
        let at = text.find("</think>").unwrap() + 8;
        for mode in [GradeMode::Reference, GradeMode::Exact] {
            let grade = Gold::new(Some("5")).grade(text, at..text.len(), mode);
            assert_eq!(&text[grade.span.unwrap()], "5");
        }
    }

    #[test]
    fn hostile_answers_end_quickly() {
        let hostile = [
            "9^{9^{9^9}}".to_owned(),
            "9^9^9^9".to_owned(),
            "{".repeat(100_000),
            "(".repeat(3_000),
            "\\frac".repeat(600),
            "-".repeat(4_000),
            "9".repeat(4_000) + "!",
            "((((((9!)!)!)!)!)!)!".to_owned(),
            "\\sqrt{".repeat(500) + "2" + &"}".repeat(500),
            "(1+\\sqrt2)^{10000}".to_owned(),
            "(x+1)^{99999999}".to_owned(),
            "1,".repeat(2_000) + "1",
            "\\boxed{".repeat(20_000),
            "1e999999999".to_owned(),
            "\\binom{99999}{50000}".to_owned(),
            "\\sqrt{999999999989}".to_owned(),
            "\\pm".repeat(300) + "1",
        ];
        for answer in &hostile {
            for mode in [GradeMode::Reference, GradeMode::Exact] {
                let gold = Gold::new(Some("(x+1)^{7}, 2"));
                let _ = gold.grade(answer, 0..answer.len(), mode);
                let boxed = format!("\\boxed{{{answer}}}");
                let _ = gold.grade(&boxed, 0..boxed.len(), mode);
                let _ = Gold::new(Some(answer)).grade(answer, 0..answer.len(), mode);
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_graded(gold in "\\PC{0,40}", text in "\\PC{0,80}") {
            for mode in [GradeMode::Reference, GradeMode::Exact] {
                let grade = Gold::new(Some(&gold)).grade(&text, 0..text.len(), mode);
                if let Some(span) = grade.span {
                    prop_assert_eq!(&text[span], grade.extracted.unwrap());
                }
            }
        }

        #[test]
        fn any_formula_is_graded(
            parts in prop::collection::vec(prop::sample::select(vec![
                "\\frac", "{", "}", "1", "23", ".", ",", "\\sqrt", "[", "]", "(", ")", "^", "_", "x", "i", "e", "\\pi",
                "\\text{m}", "\\begin{pmatrix}", "\\end{pmatrix}", "\\\\", "&", "=", "<", "\\le", "\\pm", "+", "-", "!", "%",
                "\\sin", "\\log_", "|", "\\{", "\\}", "\\circ", " and ", "\\cup", "\\infty", "°", "toys", "/", "*", "\\binom",
            ]), 0..24),
            other in prop::collection::vec(prop::sample::select(vec!["1", "x", "^", "\\frac", "{", "}", "2", "-", "\\pi", ","]), 0..10),
        ) {
            let (a, b) = (parts.concat(), other.concat());
            for mode in [GradeMode::Reference, GradeMode::Exact] {
                let _ = correct(&a, &b, mode);
                let _ = correct(&b, &a, mode);
            }
        }

        #[test]
        fn fractions_equal_their_multiples(a in -500_i64..500, b in 1_i64..500, k in 1_i64..50) {
            let (plain, scaled) = (format!("\\frac{{{a}}}{{{b}}}"), format!("{}/{}", a * k, b * k));
            prop_assert_eq!(correct(&plain, &scaled, GradeMode::Exact), Some(true));
            let more = format!("{}/{}", a * k + 1, b * k);
            prop_assert_eq!(correct(&plain, &more, GradeMode::Exact), Some(false));
        }
    }
}
