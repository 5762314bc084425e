//! Files that clients send.

use proofhouse_model::requests::SentFile;

/// A file, and what is known of it: types are those of the schema (section 1.4 of `reference/waas.md`), told by what formats themselves say.
#[derive(Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub content: &'static str,
    /// The type whose extension it has.
    named: Option<&'static str>,
    /// The type that its first bytes are of.
    holds: Option<&'static str>,
}

impl Upload {
    /// As a policy sees it.
    pub(super) fn sent(&self) -> SentFile {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        SentFile { name: self.name.to_owned(), named: owned(self.named), holds: owned(self.holds) }
    }

    /// Name and content, as a part of a multipart body of that boundary.
    pub(super) fn part(&self, boundary: &str) -> String {
        let Self { name, content, .. } = self;
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"{name}\"\r\n\r\n{content}\r\n"
        )
    }
}

const fn file(
    name: &'static str,
    content: &'static str,
    named: Option<&'static str>,
    holds: Option<&'static str>,
) -> Upload {
    Upload { name, content, named, holds }
}

const PDF: Option<&str> = Some("pdf");
const GIF: Option<&str> = Some("gif");

/// Files of which each line of text is written as it is: all but the first bytes of some types can be.
pub const UPLOADS: &[Upload] = &[
    file("report.pdf", "%PDF-1.7 the report", PDF, PDF),
    file("REPORT.PDF", "%PDF-1.4 the report", PDF, PDF),
    file("run.py.pdf", "%PDF-1.7 the report", PDF, PDF),
    file("film.gif", "GIF89a and more", GIF, GIF),
    file("song.mp3", "ID3 the song", Some("mp3"), Some("mp3")),
    file("tune.wav", "RIFF1234WAVEfmt", Some("wav"), Some("wav")),
    file("clip.mp4", "0000ftypisom", Some("mp4"), Some("mp4")),
    // What does not hold what it says.
    file("film.gif", "%PDF-1.7 the report", GIF, PDF),
    file("report.pdf", "GIF89a and more", PDF, GIF),
    file("report.pdf", "MZ this is a program", PDF, None),
    file("film.gif", "a GIF89a", GIF, None),
    file("report.pdf", "", PDF, None),
    // What is of no type.
    file("run.py", "print(1)", None, None),
    file("run.py", "%PDF-1.7 the report", None, PDF),
    file("report.pdf.py", "%PDF-1.7 the report", None, PDF),
    file("pdf", "%PDF-1.7 the report", None, PDF),
    // What may be of the user's own extension, or nearly.
    file("data.abc", "MZ this is a program", None, None),
    file("DATA.ABC", "MZ this is a program", None, None),
    file("data.abcd", "MZ this is a program", None, None),
    file("abc", "MZ this is a program", None, None),
];
