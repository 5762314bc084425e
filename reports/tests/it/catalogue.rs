//! The data file in `features/`, and coverage.

use proofhouse_reports::catalogue::{CatalogueError, CoverageStatus, coverage, unknown_tags};
use proofhouse_reports::{Catalogue, Level};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn the_catalogue_has_every_row_of_the_reference() {
    let catalogue = Catalogue::embedded();
    let rows = [
        ('E', 35),
        ('S', 11),
        ('P', 24),
        ('D', 18),
        ('C', 12),
        ('F', 8),
        ('A', 13),
        ('U', 9),
        ('X', 15),
        ('W', 130),
        ('T', 104),
        ('V', 13),
        ('Z', 7),
        ('B', 2),
    ];
    let expected: Vec<String> =
        rows.iter().flat_map(|(letter, n)| (1..=*n).map(move |number| format!("{letter}{number}"))).collect();
    let ids: Vec<_> = catalogue.requirements().iter().map(|r| r.id.clone()).collect();
    assert_eq!(ids, expected);
    assert_eq!(ids.len(), 401);
}

#[test]
fn each_title_is_one_line_of_its_own() {
    let catalogue = Catalogue::embedded();
    let titles: BTreeSet<_> = catalogue.requirements().iter().map(|r| r.title.as_str()).collect();
    assert_eq!(titles.len(), 401);
    for r in catalogue.requirements() {
        assert!(
            !r.title.contains('\n') && !r.title.ends_with('.') && r.title.len() > 12,
            "{}: {}",
            r.id,
            r.title
        );
        assert!(r.source.contains(".md ") && r.source.contains(" row "), "{}: {}", r.id, r.source);
    }
}

#[test]
fn a_broken_catalogue_is_refused_with_the_id() {
    let entry = |id: &str| format!(r#"{{"id": "{id}", "title": "t", "source": "s", "level": "core"}}"#);
    let twice = Catalogue::parse(&format!("[{}, {}]", entry("P1"), entry("P1"))).unwrap_err();
    assert!(matches!(&twice, CatalogueError::Twice { id } if id == "P1"), "{twice}");
    for id in ["", "P", "p1", "P01", "1", "P1a", "PX"] {
        let error = Catalogue::parse(&format!("[{}]", entry(id))).unwrap_err();
        assert!(matches!(&error, CatalogueError::Id { id: seen } if seen == id), "{error}");
    }
    let level =
        Catalogue::parse(r#"[{"id": "P1", "title": "t", "source": "s", "level": "must"}]"#).unwrap_err();
    assert!(level.to_string().contains("must"), "{level}");
    assert!("must".parse::<Level>().is_err());
    assert_eq!("core".parse::<Level>().unwrap(), Level::Core);
}

#[test]
fn another_catalogue_can_be_given_as_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.json");
    assert!(Catalogue::load(&path).unwrap_err().to_string().contains("mine.json"));
    std::fs::write(&path, r#"[{"id": "V1", "title": "t", "source": "s", "level": "extended"}]"#).unwrap();
    assert_eq!(Catalogue::load(&path).unwrap().get("V1").unwrap().level, Level::Extended);
}

#[test]
fn coverage_tells_covered_labelled_and_missing_apart() {
    let catalogue = Catalogue::embedded();
    let scenarios = [
        ("process-002".to_owned(), vec!["P1".to_owned(), "core".to_owned()]),
        ("process-001".to_owned(), vec!["@P1".to_owned(), "P7".to_owned(), "P1".to_owned()]),
        ("odd-001".to_owned(), vec!["P99".to_owned(), "Z99".to_owned()]),
    ];
    let labelled = BTreeMap::from([
        ("P16".to_owned(), "out of reach".to_owned()),
        ("P1".to_owned(), "not used, a scenario wins".to_owned()),
    ]);
    let rows = coverage(&catalogue, &scenarios, &labelled);
    assert_eq!(rows.len(), 401);
    let row = |id: &str| rows.iter().find(|r| r.id == id).unwrap();
    assert_eq!(row("P1").scenarios, ["process-001", "process-002"]);
    assert_eq!((row("P1").status, row("P1").why.clone()), (CoverageStatus::Covered, None));
    assert_eq!(
        (row("P16").status, row("P16").why.as_deref()),
        (CoverageStatus::Labelled, Some("out of reach"))
    );
    assert_eq!(
        (row("P2").status, row("P2").why.as_deref()),
        (CoverageStatus::Missing, Some("no scenario yet"))
    );

    let unknown = unknown_tags(&catalogue, &scenarios);
    assert_eq!(unknown, [("odd-001".to_owned(), "P99".to_owned()), ("odd-001".to_owned(), "Z99".to_owned())]);
}
