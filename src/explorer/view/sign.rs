//! One character for each constraint, so that a column can tell three verdicts at a glance.

/// The sign of a constraint, by the last part of its id; the first letter of an unknown one.
pub fn sign(short_name: &str) -> char {
    match short_name {
        "no_comma" => ',',
        "quotation" => '"',
        "english_lowercase" => 'a',
        "english_capital" | "capital_word_frequency" => 'A',
        "number_words" => 'w',
        "number_sentences" => 's',
        "number_paragraphs" | "nth_paragraph_first_word" => 'p',
        "number_bullet_lists" => '-',
        "number_highlighted_sections" => '*',
        "multiple_sections" => '#',
        "existence" => '+',
        "forbidden_words" => '!',
        "frequency" => 'x',
        "letter_frequency" => 'l',
        "response_language" => 'L',
        "end_checker" => '$',
        "repeat_prompt" => 'r',
        "two_responses" => '2',
        "number_placeholders" => '[',
        "postscript" => 'P',
        "title" => 'T',
        "json_format" => '{',
        "constrained_response" => '=',
        other => other.chars().find(char::is_ascii_alphanumeric).unwrap_or('?'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_sign() {
        assert_eq!([sign("no_comma"), sign("zebra"), sign("")], [',', 'z', '?']);
    }
}
