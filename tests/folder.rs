//! What may lie in the folder of a library, or happen to it there: damaged, cut and missing files,
//! files that are somebody else's, links. heedless never deletes or writes what it did not make, never
//! panics, and never answers wrongly: damage is found, said, and made good by `heedless index`.
//!
//! `HEEDLESS_DAMAGE=1 cargo test --test folder` damages every single byte.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use heedless::error::Error;
use heedless::library::{Cancel, Library, Query, check};

#[path = "support/small.rs"]
mod small;

use small::{build_with_text, count_of, heedless, printed, said, succeed, write_small_files};

/// The files of a library, and how many bytes each has.
fn files_of(library: &Path) -> Vec<(PathBuf, usize)> {
    let mut files = Vec::new();
    for folder in [library.to_path_buf(), library.join("chunks"), library.join("text")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let len = fs::read(&path).unwrap().len();
                files.push((path, len));
            }
        }
    }
    files.sort();
    files
}

/// Copies a folder.
fn copy(from: &Path, to: &Path) {
    for (path, bytes) in content_of(from) {
        let path = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// What a search must find, whatever happens to the index.
const SEARCHES: [(&str, usize); 6] = [
    ("zebra", 30),
    ("\"a zebra 7\"", 1),
    ("animal*", 0),
    ("in:question animal", 30),
    ("\"let me\"", 30),
    ("/zebra [12]\\b/", 2),
];

/// Every file of a library damaged in many places: never a panic, never a wrong answer; the damage is
/// found, said, and made good.
#[test]
fn damage_is_found_said_and_made_good() {
    let dir = tempfile::tempdir().unwrap();
    let (runs, library) = (dir.path().join("runs"), dir.path().join("library"));
    write_small_files(&runs, 30);
    build_with_text(&library, &runs, &|_| {});
    let checked = || check(&library, false).map(|found| found.problems).unwrap_or_default();
    assert_eq!(checked(), [""; 0]);
    let mut damages = 0;
    for (path, len) in files_of(&library) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        // Nothing depends on what these hold.
        let matters =
            !["lock", ".tantivy-meta.lock", ".tantivy-writer.lock", "CACHEDIR.TAG"].contains(&&*name);
        let is_segment = name.split_once('.').is_some_and(|(id, _)| id.len() == 32);
        let whole = fs::read(&path).unwrap();
        let step = if std::env::var_os("HEEDLESS_DAMAGE").is_some() { 1 } else { len / 24 + 1 };
        let places = (0..len).filter(|at| at % step == 0 || *at == 10 || len - at < 4);
        for (number, at) in places.enumerate() {
            let mut damaged = whole.clone();
            damaged[at] ^= [0xFF, 1, 0x40][number % 3];
            // A new file: the bytes of one that is in use are not to change under it.
            fs::remove_file(&path).unwrap();
            fs::write(&path, &damaged).unwrap();
            let wrong = checked();
            // The version of tantivy at the end of its files is no part of what the checksum covers.
            let covered = matters && !(is_segment && len - at < 120);
            assert!(!covered || !wrong.is_empty(), "{name}: byte {at} is damaged, and `check` finds nothing");
            match Library::open(&library) {
                Ok(library) => {
                    for (query, count) in SEARCHES {
                        let selection =
                            library.select(&Query::parse(query).unwrap(), &Cancel::default()).unwrap();
                        assert_eq!(selection.count(), count, "{name}: byte {at}: {query}");
                        let text = path.parent().unwrap().ends_with("text") && covered;
                        assert!(
                            !text || !selection.notes().is_empty(),
                            "{name}: byte {at}: nothing was said"
                        );
                    }
                }
                Err(Error::Library { .. }) => {}
                Err(error) => panic!("{name}: byte {at}: {error}"),
            }
            damages += 1;
        }
        if matters {
            let mut damaged = whole.clone();
            damaged[len / 3] ^= 1;
            fs::write(&path, damaged).unwrap();
            // It is made good by indexing, although no file of generations has changed.
            let library = &dir.path().join("copy");
            copy(&dir.path().join("library"), library);
            let checked = || check(library, false).unwrap().problems;
            let built = build_with_text(library, &runs, &|_| {});
            assert!(
                built.report.rebuilt.is_some() || built.report.text_rebuilt.is_some(),
                "{name}: nothing said"
            );
            assert_eq!(checked(), [""; 0], "{name}");
            assert_eq!(check(library, true).unwrap().text, 30, "{name}");
            fs::remove_dir_all(library).unwrap();
        }
        fs::write(&path, &whole).unwrap();
    }
    assert!(damages > 100, "{damages}");
}

/// The same with files that are gone, empty or cut.
#[test]
fn files_that_are_gone_or_cut_are_made_good() {
    let dir = tempfile::tempdir().unwrap();
    let (runs, library) = (dir.path().join("runs"), dir.path().join("library"));
    write_small_files(&runs, 30);
    build_with_text(&library, &runs, &|_| {});
    let count = files_of(&library).len();
    for number in 0..count {
        for keep in [None, Some(0), Some(2)] {
            let (path, len) = files_of(&library).swap_remove(number.min(files_of(&library).len() - 1));
            let text = fs::read(&path).unwrap();
            fs::remove_file(&path).unwrap();
            if let Some(part) = keep {
                fs::write(&path, &text[..len * part / 3]).unwrap();
            }
            if let Ok(library) = Library::open(&library) {
                for (query, count) in SEARCHES {
                    assert_eq!(count_of(&library, query), count, "{}: {query}", path.display());
                }
            }
            build_with_text(&library, &runs, &|_| {});
            assert_eq!(check(&library, true).unwrap().problems, [""; 0], "{}", path.display());
        }
    }
}

/// What people have in folders that they name by mistake: `(path, what it is)`.
const FOREIGN: [(&str, &str); 8] = [
    ("text/thesis.txt", "years of work"),
    ("text/meta.json", "{\"segments\":[]}"),
    ("chunks/x.data", "measured"),
    ("chunks/00000000-1.chunk", "of chocolate"),
    ("library.json", "{\"books\":[]}"),
    ("lock", "42"),
    ("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# of another program\n"),
    (".heedless-notes.txt", "what I think of it"),
];

#[test]
fn a_folder_that_only_looks_like_a_library_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let runs = dir.path().join("runs");
    write_small_files(&runs, 2);
    let runs = runs.to_str().unwrap();
    for (name, text) in FOREIGN {
        let library = dir.path().join("mine");
        let path = library.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        for words in
            [&["index", runs][..], &["index", "--fresh", runs], &["library", "remove"], &["runs", runs]]
        {
            let out = heedless(&[], dir.path(), &library, words).output().unwrap();
            assert!(!out.status.success(), "{name}: {words:?} was done");
            assert!(
                said(&out).contains("--index") || said(&out).contains("no library"),
                "{name}: {}",
                said(&out)
            );
            assert_eq!(fs::read_to_string(&path).unwrap(), text, "{name}: {words:?}");
        }
        let lies = |dir: &Path| fs::read_dir(dir).unwrap().count();
        assert_eq!((lies(&library), lies(path.parent().unwrap())), (1, 1), "{name}: something was added");
        fs::remove_dir_all(&library).unwrap();
    }
}

/// Links inside the folder of a library lead out of it: what they lead to is not written or deleted.
#[test]
fn links_in_a_library_are_refused() {
    use std::os::unix::fs::symlink;

    let dir = tempfile::tempdir().unwrap();
    let runs = dir.path().join("runs");
    write_small_files(&runs, 2);
    let (library, outside) = (dir.path().join("library"), dir.path().join("outside"));
    let runs = runs.to_str().unwrap();
    for name in ["lock", "chunks", "text", "library.json", "CACHEDIR.TAG"] {
        for made_before in [false, true] {
            let _ = fs::remove_dir_all(&library);
            let _ = fs::remove_dir_all(&outside);
            fs::create_dir_all(&outside).unwrap();
            if made_before {
                succeed(&mut heedless(&[], dir.path(), &library, &["index", runs]));
                fs::rename(library.join(name), outside.join("target")).unwrap();
            } else {
                fs::create_dir_all(&library).unwrap();
                fs::create_dir(outside.join("target")).unwrap();
                fs::write(outside.join("target/00000000-1.chunk"), "precious").unwrap();
            }
            symlink(outside.join("target"), library.join(name)).unwrap();
            let before = content_of(&outside);
            for words in [&["index", "--fresh", runs][..], &["library", "remove"]] {
                let out = heedless(&[], dir.path(), &library, words).output().unwrap();
                assert!(!out.status.success(), "{name}: {words:?} was done");
                assert!(said(&out).contains("a link"), "{name}: {}", said(&out));
                assert!(content_of(&outside) == before, "{name}: {words:?} changed what the link leads to");
            }
        }
    }
}

/// Every file below a folder with its bytes.
fn content_of(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(content_of(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    all
}

/// What somebody put into the folders of a real library stays through rebuilding and removing.
#[test]
fn what_else_lies_in_a_library_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (runs, library) = (dir.path().join("runs"), dir.path().join("library"));
    write_small_files(&runs, 2);
    let runs = runs.to_str().unwrap();
    succeed(&mut heedless(&[], dir.path(), &library, &["index", runs]));
    let guests = ["text/thesis.txt", "chunks/x.data", "chunks/shopping.items", "text/.tmp-notes"];
    for name in guests {
        fs::write(library.join(name), name).unwrap();
    }
    succeed(&mut heedless(&[], dir.path(), &library, &["index", "--fresh", runs]));
    // A damaged index is deleted before it is built anew.
    fs::write(library.join("text/meta.json"), "{}").unwrap();
    succeed(&mut heedless(&[], dir.path(), &library, &["index", runs]));
    let removed = printed(&mut heedless(&[], dir.path(), &library, &["library", "remove"]));
    for name in guests {
        assert_eq!(fs::read_to_string(library.join(name)).unwrap(), name);
        assert!(removed.contains(name), "{removed}");
    }
    assert_eq!(content_of(&library).len(), guests.len(), "{:?}", content_of(&library).keys());
    // Without what was put there, nothing stays.
    fs::remove_dir_all(&library).unwrap();
    succeed(&mut heedless(&[], dir.path(), &library, &["index", runs]));
    succeed(&mut heedless(&[], dir.path(), &library, &["library", "remove"]));
    assert!(!library.exists());
}

/// One damaged byte in the text index, as each command of the real program meets it.
#[test]
fn no_command_dies_of_a_damaged_index() {
    let dir = tempfile::tempdir().unwrap();
    let (runs, library) = (dir.path().join("runs"), dir.path().join("library"));
    write_small_files(&runs, 300);
    let runs = runs.to_str().unwrap();
    let run = |words: &[&str]| heedless(&[], dir.path(), &library, words).output().unwrap();
    for extension in ["pos", "idx", "term", "fast", "store", "fieldnorm", "json"] {
        succeed(&mut heedless(&[], dir.path(), &library, &["index", "--fresh", runs]));
        let of_kind = |(path, _): &(PathBuf, usize)| {
            path.extension().is_some_and(|e| e == extension) && path.parent().unwrap().ends_with("text")
        };
        for (path, _) in files_of(&library).into_iter().filter(of_kind) {
            let mut bytes = fs::read(&path).unwrap();
            bytes[10] ^= 0xFF;
            fs::write(&path, bytes).unwrap();
        }
        let checked = run(&["library", "check"]);
        assert_eq!(checked.status.code(), Some(2), "{extension}: {}", said(&checked));
        assert!(String::from_utf8_lossy(&checked.stdout).contains(extension), "{extension} is not named");
        let found = run(&["query", "\"a zebra\"", "--count", runs]);
        assert_eq!(String::from_utf8_lossy(&found.stdout).trim(), "300", "{extension}: {}", said(&found));
        assert!(said(&found).contains("heedless index"), "{extension}: {}", said(&found));
        assert!(run(&["runs", runs]).status.success(), "{extension}");
        let indexed = run(&["index", runs]);
        assert!(indexed.status.success(), "{extension}: {}", said(&indexed));
        assert!(
            String::from_utf8_lossy(&indexed.stdout).contains("built anew"),
            "{extension}: nothing was said"
        );
        succeed(&mut heedless(&[], dir.path(), &library, &["library", "check"]));
    }
}

/// What messages advise works as it stands there: `index` without a path means the library opened last.
#[test]
fn the_library_opened_last_is_indexed_without_a_path() {
    let dir = tempfile::tempdir().unwrap();
    let (runs, library) = (dir.path().join("runs"), dir.path().join("library"));
    write_small_files(&runs, 2);
    let unknown = heedless(&[], dir.path(), &library, &["index"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(said(&unknown).contains("no PATH given"), "{}", said(&unknown));
    succeed(&mut heedless(&[], dir.path(), &library, &["index", runs.to_str().unwrap()]));
    write_small_files(&runs, 3);
    assert!(printed(&mut heedless(&[], dir.path(), &library, &["index"])).contains("3 generations"));
}
