//! Both rule sets load whole: what each rule is for, which are left out, and each construct by a rule of our own.
//!
//! Rule set 4 is not part of this project: `PROOFHOUSE_CRS4` names its directory, and its test says so where it did
//! not run.

mod common;

use common::{Sample, crs_directory};
use proofhouse_waas::crs::{self, Fate, NOT_USED, Role, Rule};
use proofhouse_waas::{Attack, Detector};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn rules(directory: &Path) -> Vec<Rule> {
    let inner = directory.join("rules");
    let folder = if inner.is_dir() { inner } else { directory.to_owned() };
    let (mut rules, mut updates) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_read = name.starts_with("REQUEST-9") || name.starts_with("RESPONSE-95");
        if is_read && name.ends_with(".conf") {
            let bytes = std::fs::read(&path).expect("a rule file can be read");
            let file = crs::parse(&String::from_utf8_lossy(&bytes)).expect("a rule file is one");
            rules.extend(file.rules);
            updates.extend(file.updates);
        }
    }
    updates.iter().for_each(|update| update.apply(&mut rules));
    rules
}

/// Loads it, and compares what is left out with the reviewed list.
fn is_reviewed(directory: &Path, version: u32) -> Detector {
    let detector = Detector::load(directory).expect("the rule set loads");
    let (mut left_out, mut compiled) = (BTreeSet::new(), 0);
    let mut census: BTreeMap<String, usize> = BTreeMap::new();
    for rule in rules(directory) {
        let fate = match Fate::of(&rule, 1) {
            Fate::NotUsed(not) => {
                left_out.insert(not.id);
                "not used".to_owned()
            }
            Fate::Compiled(_) => {
                compiled += 1;
                "compiled".to_owned()
            }
            Fate::OfAnswers => "of answers".to_owned(),
            Fate::Role(role) => role.to_string(),
            Fate::Level(level) => format!("level {level}"),
            Fate::Foreign => panic!("{} serves no protection, and is not on the reviewed list", rule.id),
        };
        *census.entry(fate).or_default() += 1;
    }
    println!("rule set {version}: {census:?}");
    let listed: BTreeSet<_> =
        NOT_USED.iter().filter(|not| not.versions.contains(&version)).map(|not| not.id).collect();
    assert_eq!(left_out, listed, "the reviewed list is exact for rule set {version}");
    assert_eq!(detector.rules(), compiled);
    detector
}

#[test]
fn rule_set_3_loads_and_is_reviewed() {
    is_reviewed(&crs_directory(), 3);
}

#[test]
fn rule_set_4_loads_and_is_reviewed() {
    let Some(directory) = std::env::var_os("PROOFHOUSE_CRS4").map(PathBuf::from) else {
        println!("did not run: PROOFHOUSE_CRS4 names no directory of OWASP CRS 4");
        return;
    };
    let detector = is_reviewed(&directory, 4);
    let roles: BTreeMap<u32, Role> = rules(&directory).iter().map(|rule| (rule.id, rule.role)).collect();
    assert_eq!(roles[&921_170], Role::Counter);
    assert_eq!(roles[&941_010], Role::Control);
    let found =
        |sample: Sample| sample.inspect_by(&detector).iter().map(|found| found.rule).collect::<Vec<_>>();
    let cookie = |text| Sample::get("/").header("Cookie", text);
    assert_eq!(found(cookie("$Version=1; a=b")), [921_250]);
    assert_eq!(found(cookie("version=1; a=b")), [0; 0]);
    // 942290 is not asked of this cookie, by an update at the end of the rule set.
    assert_eq!(found(cookie("_ga=[$ne]")), [0; 0]);
    assert_eq!(found(cookie("_gb=[$ne]")), [942_290]);
    assert_eq!(found(Sample::get("/?a=1&a=2&b=three")), [0; 0]);
    assert!(found(Sample::get("/?a=%24%80%81%28%29")).contains(&933_180));
    assert!(found(Sample::get("/?a=%BCscript%BEx%BC/script%BE")).contains(&941_310));
    assert!(found(Sample::get("/?a=x%60un/**/ion%20se%23lect%20@")).iter().any(|rule| rule / 1000 == 942));
}

fn constructs() -> Detector {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/constructs");
    Detector::load(&folder).expect("our own rules load")
}

#[test]
fn each_construct_is_understood() {
    let detector = constructs();
    let found =
        |sample: Sample| sample.inspect_by(&detector).iter().map(|found| found.rule).collect::<Vec<_>>();
    let cookie = |text| Sample::get("/").header("Cookie", text);
    for (sample, expected) in [
        (cookie("$Old=1"), None),
        (cookie("$old=1"), Some(921_910)),
        (cookie("\"$old\"=1"), Some(921_910)),
        (cookie("$old=11"), None),
        (cookie("old=1"), None),
        (Sample::get("/?a=%24f%FE%28"), Some(933_910)),
        (Sample::get("/?a=%24%28"), None),
        (Sample::get("/?a=%BCx%BE"), Some(941_910)),
        (Sample::get("/?a=un/**/ion--select%23"), Some(942_910)),
        (Sample::get("/?a=union+select"), None),
        (Sample::get("/?a=java.startProcess"), Some(944_910)),
        (Sample::get("/?a=startProcess"), None),
        (Sample::get("/?a=startProcess").header("X-Class", "java.lang"), Some(944_910)),
        (Sample::get("/?a=startProcess").header("X-Class", "javalang"), None),
        (Sample::get("/?a=begin-x"), Some(930_910)),
        (Sample::get("/?a=x-begin-x"), None),
        (Sample::get("/?a=the.end"), Some(932_910)),
        (Sample::get("/?a=the.endless"), None),
        (cookie("a=freed"), Some(942_920)),
        (cookie("seen_1=freed"), None),
        (Sample::get("/?seen_1=freed"), Some(942_920)),
        (Sample::get("/?note=freed"), None),
        (Sample::get("/?a=removed"), None),
        (Sample::get("/?a=x=y+one=one"), Some(942_940)),
        (Sample::get("/?a=one=two"), None),
        (Sample::get("/?a=To+do"), Some(930_940)),
        (Sample::get("/?a=To+go"), None),
        (Sample::get("/?a=to+run"), None),
        (Sample::get("/?a=not:9"), Some(932_940)),
        (Sample::get("/?a=not:x"), None),
        (Sample::get("/?a=second:x"), None),
    ] {
        assert_eq!(found(sample.clone()), expected.into_iter().collect::<Vec<u32>>(), "{sample:?}");
    }
}

#[test]
fn who_lets_pass_is_no_detection() {
    assert_eq!(constructs().rules(), 11);
    let fates: BTreeMap<u32, Fate> = rules(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/constructs"))
        .iter()
        .map(|rule| (rule.id, Fate::of(rule, 1)))
        .collect();
    assert_eq!(fates[&921_910], Fate::Compiled(Attack::MalformedRequest));
    assert_eq!(fates[&921_920], Fate::Role(Role::Counter));
    assert_eq!(fates[&941_920], Fate::Role(Role::Control));
}

#[test]
fn what_is_not_understood_is_an_error() {
    let folder = std::env::temp_dir().join(format!("proofhouse-rules-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (rule, why) in [
        ("SecRule ARGS \"@rx a\" \"id:941930,block,t:sparkle\"", "the transformation `sparkle` is unknown"),
        ("SecRule ARGS \"@verifyCC x\" \"id:941930,block\"", "the operator `@verifyCC` is unknown"),
        ("SecRule ARGS \"@streq %{tx.0}\" \"id:941930,block\"", "the operator `@streq` is unknown"),
        ("SecRule TX:0 \"@rx a\" \"id:941930,block\"", "the target `TX`"),
        ("SecRule ARGS \"!@rx a\" \"id:941930,block\"", "a negated operator cannot be part of a set"),
        (
            "SecRule ARGS \"@rx a\" \"id:941930,block,chain\"\nSecRule REQUEST_BODY \"!@rx a\" \"t:none\"",
            "a negated operator may only be about what was matched",
        ),
        ("SecRule ARGS|!ARGS \"@rx a\" \"id:941930,block\"", "all of `ARGS` is excluded"),
        ("SecRule ARGS \"@rx a(?=b)\" \"id:941930,block\"", "is not supported, at `(?=b)`"),
        ("SecRule ARGS \"@rx (\0\" \"id:941930,block\"", "unclosed group, at `(\\u{0}`"),
        ("SecRule ARGS|!ARGS:/(\0/ \"@rx a\" \"id:941930,block\"", "unclosed group, at `(\\u{0}`"),
        ("SecRule ARGS \"@a\0b x\" \"id:941930,block\"", "the operator `@a\\u{0}b` is unknown"),
        ("SecRule RESPONSE_BODY \"@rx (\" \"id:951930,block\"", "unclosed group"),
    ] {
        std::fs::write(
            folder.join("REQUEST-900-X.conf"),
            format!("# A\n\n{rule}\nSecRule ARGS x \"id:942930,block\"\n"),
        )
        .unwrap();
        let error = Detector::load(&folder).unwrap_err().to_string();
        assert!(error.contains("REQUEST-900-X.conf`, line 3: rule 9") && error.contains(why), "{error}");
        assert!(error.contains("1930 ") && !error.contains(char::is_control), "{error:?}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The rules of a directory, with a setup file that says its level.
fn at_level(directory: &Path, level: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = directory.join("rules");
    let rules = if inner.is_dir() { inner } else { directory.to_owned() };
    std::os::unix::fs::symlink(
        std::fs::canonicalize(rules).expect("the rules are there"),
        folder.path().join("rules"),
    )
    .expect("a link");
    let setup =
        format!("SecAction \"id:900000,phase:1,pass,nolog,setvar:tx.blocking_paranoia_level={level}\"\n");
    std::fs::write(folder.path().join("crs-setup.conf"), setup).expect("the setup file");
    folder
}

#[test]
fn the_second_level_adds_rules() {
    let release = std::env::var_os("PROOFHOUSE_CRS4").map(PathBuf::from);
    for directory in [Some(crs_directory()), release].into_iter().flatten() {
        let usual = Detector::load(&directory).expect("the rule set loads");
        let folder = at_level(&directory, "2");
        let more = Detector::load(folder.path()).expect("its second level loads");
        println!("{}: {} and {} rules", directory.display(), usual.rules(), more.rules());
        assert!(more.rules() > usual.rules());
        let finds = |detector: &Detector, target: &str| !Sample::get(target).inspect_by(detector).is_empty();
        for target in ["/?a=0x4a4b4c4d", "/?a=x'%20between%201", "/?a=$x%5B0%5D(1)"] {
            assert!(finds(&more, target), "{target}");
        }
        assert!(!finds(&usual, "/?a=0x4a4b4c4d"));
        assert!(!finds(&more, "/?a=plain&b=words+of+a+text"));
    }
    let folder = at_level(&crs_directory(), "3");
    let error = Detector::load(folder.path()).unwrap_err().to_string();
    assert!(error.ends_with("crs-setup.conf`, line 1: paranoia level `3`: 1 and 2 are known"), "{error}");
}
