//! Text that goes round in circles: a passage repeated in a row, or an end that hardly says
//! anything new.
//!
//! Every output of an index is looked at, so this must be nearly free. Whether a passage may repeat
//! is told from a few places ([`Anchors`]); then it is found by its distance to its own last
//! occurrence, which a table of hashes gives at each place. The end is only compressed where most of
//! it was seen before.

use std::cell::RefCell;
use std::io::Write;
use std::mem;
use std::ops::Range;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::Thresholds;

/// Bytes hashed at a place.
const WINDOW: usize = 8;
/// Places looked up: every so many bytes.
const STRIDE: usize = 8;
/// Slots of the table, as a power of two.
const SLOT_BITS: u32 = 14;
/// Multiplied with bytes, it mixes them into the highest bits: 2⁶⁴ over the golden ratio.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// A passage that repeats in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repetition {
    /// The whole stretch, in bytes of the text.
    pub place: Range<usize>,
    /// Length of the passage that repeats, in bytes.
    pub period: usize,
    /// How many times it stands there in full.
    pub times: usize,
}

/// The first passage of `text[range]` of at least `repeated_chars` characters that stands there
/// `repeated_times` or more in a row. Passages without a letter or a digit, such as rules drawn with
/// hyphens, do not count.
pub fn repeated(text: &str, range: Range<usize>, thresholds: &Thresholds) -> Option<Repetition> {
    let bytes = &text.as_bytes()[range.clone()];
    let (least, times) = (thresholds.repeated_chars, thresholds.repeated_times.max(2));
    if bytes.len() < least * times
        || !ANCHORS.with_borrow_mut(|anchors| anchors.may_repeat(bytes, least, times))
    {
        return None;
    }
    LAST.with_borrow_mut(|last| repeated_in(text, &range, least, times, last))
}

fn repeated_in(
    text: &str,
    range: &Range<usize>,
    least: usize,
    times: usize,
    last: &mut Last,
) -> Option<Repetition> {
    let bytes = &text.as_bytes()[range.clone()];
    let end = bytes.len().saturating_sub(WINDOW).min(MOST);
    last.begin(end);
    // A stretch already measured, with its period: not measured again.
    let mut known = (0, 0);
    // Text made to be nothing but overlapping repetitions is not worth more than so much measuring.
    let mut budget = bytes.len() * 8 + 65_536;
    for (at, window) in bytes.windows(WINDOW).enumerate().take(end) {
        let slot = slot(window);
        if at % STRIDE == 0
            && let Some(before) = last.at(slot)
        {
            let period = at - before;
            if (at >= known.0 || period != known.1) && *window == bytes[before..before + WINDOW] {
                let stretch = stretch(bytes, at, period);
                if let Some(found) = long_enough(text, range, &stretch, period, least, times) {
                    return Some(found);
                }
                known = (stretch.end, period);
                budget = budget.checked_sub(stretch.len())?;
            }
        }
        last.put(slot, at);
    }
    None
}

/// Bytes compared at an anchor.
const SPAN: usize = 16;
/// Slots of the table of anchors, as a power of two.
const ANCHOR_BITS: u32 = 11;

/// Tells most texts without a repetition, from a few places in them.
///
/// A stretch that repeats a passage three times or more in a row either holds no [anchor](anchors) at
/// all, or each of its anchors stands in it again, one period on, and at the second of them the [`SPAN`]
/// bytes from there are those of the first. So only anchors are held against each other, and the gaps
/// between them that are long enough to hold a stretch are probed.
struct Anchors {
    /// For each hash, the number of the anchor that had it last: in this text, if the anchor of that
    /// number has this hash, else in one before. So nothing is cleared between texts.
    heads: Box<[u32; 1 << ANCHOR_BITS]>,
    met: Vec<Anchor>,
}

#[derive(Debug, Clone, Copy)]
struct Anchor {
    at: u32,
    /// Hash of the bytes from there.
    hash: u32,
    /// The one before that has the same hash.
    earlier: Option<u32>,
}

/// The places of the bytes whose lower half is 2: `b`, `r`, `R` and `2` among them, and one in sixteen
/// of those that a text beyond ASCII is made of. In prose and in math one comes every sixteen bytes or
/// so and gaps long enough to hold a stretch are rare, while eight bytes are told apart in five steps.
fn anchors(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    const EACH: u64 = u64::MAX / 0xff;
    let (eights, rest) = bytes.as_chunks::<8>();
    let last = bytes.len() - rest.len();
    let of_eights = eights.iter().enumerate().flat_map(|(n, eight)| {
        // A sum reaches the highest bit of its byte unless the byte was an anchor; none carries over.
        let others = ((u64::from_le_bytes(*eight) & (0xf * EACH)) ^ (2 * EACH)) + 0x7f * EACH;
        let mut found = !others & (0x80 * EACH);
        std::iter::from_fn(move || {
            let at = n * 8 + found.trailing_zeros() as usize / 8;
            (found != 0).then(|| {
                found &= found - 1;
                at
            })
        })
    });
    of_eights.chain((last..bytes.len()).filter(|&at| bytes[at] & 0xf == 2))
}

impl Anchors {
    /// Whether a passage of at least `least` bytes that says something may stand there `times` or more
    /// in a row. Never false where one does.
    fn may_repeat(&mut self, bytes: &[u8], least: usize, times: usize) -> bool {
        // With these, the bytes compared at an anchor of the second passage lie within the third.
        if times < 3 || least < SPAN || bytes.len() > MOST {
            return true;
        }
        self.met.clear();
        // Text made to have one hash everywhere is not worth following its chain, nor is one that all
        // but repeats worth measuring at each of its anchors.
        let mut budget = 8 * bytes.len() + 1024;
        let mut gap = 0;
        for at in anchors(bytes) {
            if at - gap >= least * times && may_repeat_within(bytes, gap..at, least, times)
                || self.meets(bytes, at, least * times, times, &mut budget)
            {
                return true;
            }
            gap = at + 1;
        }
        bytes.len() - gap >= least * times && may_repeat_within(bytes, gap..bytes.len(), least, times)
    }

    /// Takes in an anchor. Whether it lies in a stretch of at least `length` bytes and `times` periods,
    /// the period being its distance to an earlier anchor.
    #[inline]
    fn meets(&mut self, bytes: &[u8], at: usize, length: usize, times: usize, budget: &mut usize) -> bool {
        let Some(span) = bytes[at..].first_chunk::<SPAN>() else { return false };
        let halves = u128::from_le_bytes(*span);
        let mixed = (halves as u64 ^ ((halves >> 64) as u64).rotate_left(23)).wrapping_mul(MIX);
        let hash = (mixed >> (64 - ANCHOR_BITS)) as u32;
        let head = &mut self.heads[hash as usize];
        let last = Some(*head).filter(|n| self.met.get(*n as usize).is_some_and(|met| met.hash == hash));
        let mut next = last;
        while let Some(met) = next {
            let Anchor { at: before, earlier, .. } = self.met[met as usize];
            let before = before as usize;
            let mut cost = 1;
            if bytes[before..].first_chunk() == Some(span) {
                let period = at - before;
                if repeats_on(bytes, at, period) {
                    let stretch = stretch(bytes, at, period);
                    if stretch.len() >= length.max(times * period) && may_say(&bytes[stretch.clone()]) {
                        return true;
                    }
                    cost += stretch.len();
                }
            }
            match budget.checked_sub(cost) {
                Some(left) => *budget = left,
                None => return true,
            }
            next = earlier;
        }
        *head = self.met.len() as u32;
        self.met.push(Anchor { at: at as u32, hash, earlier: last });
        false
    }
}

/// Whether a letter or a digit may be among some bytes.
fn may_say(bytes: &[u8]) -> bool {
    bytes.iter().any(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
}

/// Whether the last bytes of the period from `at` on are those of the one before: so they are where a
/// stretch of three periods has `at` in its second. (A glance, before the stretch is measured.)
fn repeats_on(bytes: &[u8], at: usize, period: usize) -> bool {
    let last = |end: usize| bytes.get(end.wrapping_sub(8)..end);
    period < 8 || last(at + period).is_some_and(|these| Some(these) == last(at))
}

/// Longer gaps between anchors are not probed.
const MOST_PROBED: usize = 1024;

/// Whether a stretch of `times` passages or more, three at least, may lie within a part of a text. Never
/// false where one does.
///
/// Such a stretch repeats a passage of `least` bytes or more, twice at least after the first, so that
/// of probes no further apart than that, one comes where it repeats.
fn may_repeat_within(bytes: &[u8], part: Range<usize>, least: usize, times: usize) -> bool {
    if part.len() > MOST_PROBED {
        return true;
    }
    let longest = part.len() / times;
    (part.start..part.end.saturating_sub(WINDOW)).step_by(2 * least - WINDOW).any(|at| {
        let from = at.saturating_sub(longest).max(part.start);
        let window = &bytes[at..at + WINDOW];
        bytes[from..at + WINDOW - 1].windows(WINDOW).enumerate().any(|(n, earlier)| {
            earlier == window && {
                let period = at - from - n;
                let stretch = stretch(bytes, at, period);
                stretch.len() >= (least * times).max(times * period)
            }
        })
    })
}

/// The longest stretch around `at` in which every byte equals the one `period` before it, with the
/// period that it goes on from.
fn stretch(bytes: &[u8], at: usize, period: usize) -> Range<usize> {
    let forward = bytes[at..].iter().zip(&bytes[at - period..]).take_while(|(a, b)| a == b).count();
    let back =
        bytes[..at].iter().rev().zip(bytes[..at - period].iter().rev()).take_while(|(a, b)| a == b).count();
    at - back - period..at + forward
}

/// The stretch as a repetition, when its period (or a multiple, for short ones) is long enough and
/// fits in often enough.
fn long_enough(
    text: &str,
    range: &Range<usize>,
    stretch: &Range<usize>,
    period: usize,
    least: usize,
    times: usize,
) -> Option<Repetition> {
    if stretch.len() < least * times {
        return None;
    }
    let mut start = range.start + stretch.start;
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = range.start + stretch.end;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let passage = text.get(start..start + period)?;
    let chars = passage.chars().count().max(1);
    let multiple = least.div_ceil(chars) * period;
    let fits = end.saturating_sub(start) / multiple;
    let says_something = passage.chars().any(char::is_alphanumeric);
    (fits >= times && says_something).then_some(Repetition {
        place: start..end,
        period,
        times: (end - start) / period,
    })
}

/// Whether the last part of `text[range]` compresses below the share that text that says something
/// does. Short ends never do.
pub fn compresses(text: &str, range: Range<usize>, thresholds: &Thresholds) -> bool {
    let bytes = &text.as_bytes()[range];
    let tail = &bytes[bytes.len() - (bytes.len() as f64 * thresholds.tail_share) as usize..];
    if tail.len() < thresholds.tail_bytes || !mostly_seen(tail) {
        return false;
    }
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(tail.len() / 4), Compression::default());
    // Writing into memory cannot fail; if it did, nothing would be claimed.
    let compressed = encoder.write_all(tail).and_then(|()| encoder.finish());
    compressed.is_ok_and(|c| (c.len() as f64) < tail.len() as f64 * thresholds.compressed_share)
}

/// Whether most of a text was seen before in it, window by window, or it is written in a handful of
/// characters: only then can it compress to a seventh.
fn mostly_seen(tail: &[u8]) -> bool {
    let (mut used, mut count) = ([false; 256], 0);
    // The ninth character comes early in most texts.
    let is_handful = tail.iter().all(|&byte| {
        count += usize::from(!mem::replace(&mut used[usize::from(byte)], true));
        count <= 8
    });
    if is_handful {
        return true;
    }
    let end = tail.len().saturating_sub(WINDOW);
    let seen = LAST.with_borrow_mut(|last| {
        last.begin(end.min(MOST));
        let mut seen = 0;
        for at in (0..end.min(MOST)).step_by(STRIDE) {
            // Even if all the rest was seen, it would not be most.
            if at % 64 == 0 && (seen + end - at + STRIDE) * 2 <= end {
                break;
            }
            let looked_up = &tail[at..at + WINDOW];
            if last.at(slot(looked_up)).is_some_and(|before| *looked_up == tail[before..before + WINDOW]) {
                seen += STRIDE;
            }
            // Of one length, but at the end: the windows from each place up to the next looked up.
            match tail[at..tail.len() - 1].first_chunk::<{ STRIDE + WINDOW - 1 }>() {
                Some(windows) => last.put_all(windows, at),
                None => last.put_all(&tail[at..tail.len() - 1], at),
            }
        }
        seen
    });
    seen * 2 > end
}

/// Where each hash was seen last. One table serves all the texts of a thread: clearing it for each
/// would cost more than most texts do, so that places count on from one text to the next.
struct Last {
    slots: Box<[u32; 1 << SLOT_BITS]>,
    /// Number of the first place of this text.
    first: u32,
    /// Number of the first place of the next one.
    next: u32,
}

/// Places of one text that are looked at.
const MOST: usize = u32::MAX as usize - 1;

thread_local! {
    static LAST: RefCell<Last> = RefCell::new(Last { slots: Box::new([0; _]), first: 1, next: 1 });
    static ANCHORS: RefCell<Anchors> =
        RefCell::new(Anchors { heads: Box::new([0; _]), met: Vec::new() });
}

impl Last {
    /// Forgets everything, for a text of so many places, [`MOST`] at most.
    fn begin(&mut self, places: usize) {
        self.first = self.next;
        self.next = if let Some(next) = self.first.checked_add(places as u32) {
            next
        } else {
            self.slots.fill(0);
            self.first = 1;
            1 + places as u32
        };
    }

    #[inline]
    fn at(&self, slot: usize) -> Option<usize> {
        self.slots[slot].checked_sub(self.first).map(|at| at as usize)
    }

    #[inline]
    fn put(&mut self, slot: usize, at: usize) {
        self.slots[slot] = self.first + at as u32;
    }

    /// Puts every window of some bytes, the first of which has the place `at`.
    #[inline]
    fn put_all(&mut self, bytes: &[u8], at: usize) {
        for (n, window) in bytes.windows(WINDOW).enumerate() {
            self.put(slot(window), at + n);
        }
    }
}

#[inline]
fn slot(window: &[u8]) -> usize {
    let window: [u8; WINDOW] = window.try_into().expect("a slice of that length");
    (u64::from_le_bytes(window).wrapping_mul(MIX) >> (64 - SLOT_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Option<Repetition> {
        repeated(text, 0..text.len(), &Thresholds::default())
    }

    #[test]
    fn three_in_a_row_are_found() {
        let passage = "so let me check that once more. ";
        let text = format!("At first:{}And then the end", passage.repeat(3));
        let repetition = found(&text).unwrap();
        assert_eq!(repetition.times, 3);
        assert_eq!(repetition.period, passage.len());
        assert_eq!(&text[repetition.place.start..][..20], &text[9..29]);
        assert_eq!(found(&format!("At first. {}And then", passage.repeat(2))), None);
        assert!(found(&"ha ".repeat(40)).is_some(), "short passages many times are a long one three times");
        assert_eq!(found(&"ha ".repeat(15)), None);
        assert_eq!(found(&"-".repeat(400)), None, "a drawn rule says nothing");
        assert!(found(&"日本語の文章です。".repeat(12)).is_some());
        let apart = format!("{passage}one thing {passage}another thing {passage}a third");
        assert_eq!(found(&apart), None);
    }

    #[test]
    fn an_end_without_news_compresses() {
        let thresholds = Thresholds::default();
        let news: Vec<_> = (0..2_000).map(|i| format!("{} is not {}. ", i * 7_919 % 1_009, i)).collect();
        let news = news.concat();
        assert!(!compresses(&news, 0..news.len(), &thresholds));
        let circles = format!("{news}{}", "wait, the other way round, then again. ".repeat(900));
        assert!(compresses(&circles, 0..circles.len(), &thresholds));
        assert!(!compresses("aaaa", 0..4, &thresholds));
    }

    proptest! {
        #[test]
        fn what_is_found_is_there(text in "[ab é]{0,200}") {
            if let Some(r) = found(&text) {
                let bytes = text.as_bytes();
                prop_assert!(r.place.len() >= 60);
                for at in r.place.start + r.period..r.place.end {
                    prop_assert_eq!(bytes[at], bytes[at - r.period]);
                }
            }
        }

        #[test]
        fn one_text_leaves_nothing_for_the_next(before in "[ab ]{0,200}", text in "[ab ]{0,200}") {
            let alone = std::thread::scope(|scope| scope.spawn(|| found(&text)).join().unwrap());
            found(&before);
            prop_assert_eq!(found(&text), alone);
        }

        #[test]
        fn no_repetition_is_ruled_out(
            before in "[ab ,]{0,80}", passage in "[ab ,.é\n]{1,90}", after in "[ab ,]{0,80}", times in 3_usize..30
        ) {
            let text = format!("{before}{}{after}", passage.repeat(times));
            let thresholds = Thresholds::default();
            let (least, times) = (thresholds.repeated_chars, thresholds.repeated_times);
            let slow =
                LAST.with_borrow_mut(|last| repeated_in(&text, &(0..text.len()), least, times, last));
            prop_assert_eq!(found(&text), slow);
        }

        #[test]
        fn a_planted_passage_is_found(
            before in "[a-z ]{0,50}", passage in "[a-z ,.]{20,90}", after in "[A-Z]{0,50}", times in 3_usize..6
        ) {
            let text = format!("{before}{}{after}", passage.repeat(times));
            if passage.chars().any(char::is_alphanumeric) {
                prop_assert!(found(&text).is_some(), "{text:?}");
            }
        }
    }
}
