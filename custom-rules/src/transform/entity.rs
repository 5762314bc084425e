//! Named characters of HTML: ASCII, Latin-1, and the punctuation beyond that resembles ASCII.

/// Names that may stand without a semicolon, the longer before the shorter.
pub(super) const OLDEST: [&str; 10] = ["quot", "QUOT", "nbsp", "amp", "AMP", "shy", "lt", "LT", "gt", "GT"];

/// Sorted by name.
#[rustfmt::skip]
const NAMED: [(&str, char); 190] = [
    ("AElig", '\u{c6}'), ("AMP", '\u{26}'), ("Aacute", '\u{c1}'), ("Acirc", '\u{c2}'), ("Agrave", '\u{c0}'),
    ("Aring", '\u{c5}'), ("Atilde", '\u{c3}'), ("Auml", '\u{c4}'), ("COPY", '\u{a9}'), ("Ccedil", '\u{c7}'),
    ("Cedilla", '\u{b8}'), ("CenterDot", '\u{b7}'), ("Dagger", '\u{2021}'), ("DiacriticalAcute", '\u{b4}'),
    ("DiacriticalGrave", '\u{60}'), ("Dot", '\u{a8}'), ("DoubleDot", '\u{a8}'), ("ETH", '\u{d0}'),
    ("Eacute", '\u{c9}'), ("Ecirc", '\u{ca}'), ("Egrave", '\u{c8}'), ("Euml", '\u{cb}'), ("GT", '\u{3e}'),
    ("Hat", '\u{5e}'), ("Iacute", '\u{cd}'), ("Icirc", '\u{ce}'), ("Igrave", '\u{cc}'), ("Iuml", '\u{cf}'),
    ("LT", '\u{3c}'), ("NewLine", '\u{a}'), ("NoBreak", '\u{2060}'), ("NonBreakingSpace", '\u{a0}'),
    ("Ntilde", '\u{d1}'), ("Oacute", '\u{d3}'), ("Ocirc", '\u{d4}'), ("Ograve", '\u{d2}'),
    ("Oslash", '\u{d8}'), ("Otilde", '\u{d5}'), ("Ouml", '\u{d6}'), ("PlusMinus", '\u{b1}'),
    ("Prime", '\u{2033}'), ("QUOT", '\u{22}'), ("REG", '\u{ae}'), ("THORN", '\u{de}'), ("Tab", '\u{9}'),
    ("Uacute", '\u{da}'), ("Ucirc", '\u{db}'), ("Ugrave", '\u{d9}'), ("UnderBar", '\u{5f}'),
    ("Uuml", '\u{dc}'), ("VerticalLine", '\u{7c}'), ("Yacute", '\u{dd}'), ("ZeroWidthSpace", '\u{200b}'),
    ("aacute", '\u{e1}'), ("acirc", '\u{e2}'), ("acute", '\u{b4}'), ("aelig", '\u{e6}'), ("agrave", '\u{e0}'),
    ("amp", '\u{26}'), ("angst", '\u{c5}'), ("apos", '\u{27}'), ("aring", '\u{e5}'), ("ast", '\u{2a}'),
    ("atilde", '\u{e3}'), ("auml", '\u{e4}'), ("bdquo", '\u{201e}'), ("brvbar", '\u{a6}'), ("bsol", '\u{5c}'),
    ("bull", '\u{2022}'), ("ccedil", '\u{e7}'), ("cedil", '\u{b8}'), ("cent", '\u{a2}'),
    ("centerdot", '\u{b7}'), ("circ", '\u{2c6}'), ("circledR", '\u{ae}'), ("colon", '\u{3a}'),
    ("comma", '\u{2c}'), ("commat", '\u{40}'), ("copy", '\u{a9}'), ("curren", '\u{a4}'),
    ("dagger", '\u{2020}'), ("deg", '\u{b0}'), ("die", '\u{a8}'), ("div", '\u{f7}'), ("divide", '\u{f7}'),
    ("dollar", '\u{24}'), ("eacute", '\u{e9}'), ("ecirc", '\u{ea}'), ("egrave", '\u{e8}'),
    ("emsp", '\u{2003}'), ("ensp", '\u{2002}'), ("equals", '\u{3d}'), ("eth", '\u{f0}'), ("euml", '\u{eb}'),
    ("euro", '\u{20ac}'), ("excl", '\u{21}'), ("frac12", '\u{bd}'), ("frac14", '\u{bc}'),
    ("frac34", '\u{be}'), ("frasl", '\u{2044}'), ("grave", '\u{60}'), ("gt", '\u{3e}'), ("half", '\u{bd}'),
    ("hellip", '\u{2026}'), ("iacute", '\u{ed}'), ("icirc", '\u{ee}'), ("iexcl", '\u{a1}'),
    ("igrave", '\u{ec}'), ("iquest", '\u{bf}'), ("iuml", '\u{ef}'), ("laquo", '\u{ab}'), ("lbrace", '\u{7b}'),
    ("lbrack", '\u{5b}'), ("lcub", '\u{7b}'), ("ldquo", '\u{201c}'), ("lowbar", '\u{5f}'), ("lpar", '\u{28}'),
    ("lrm", '\u{200e}'), ("lsaquo", '\u{2039}'), ("lsqb", '\u{5b}'), ("lsquo", '\u{2018}'), ("lt", '\u{3c}'),
    ("macr", '\u{af}'), ("mdash", '\u{2014}'), ("micro", '\u{b5}'), ("midast", '\u{2a}'),
    ("middot", '\u{b7}'), ("minus", '\u{2212}'), ("nbsp", '\u{a0}'), ("ndash", '\u{2013}'), ("not", '\u{ac}'),
    ("ntilde", '\u{f1}'), ("num", '\u{23}'), ("oacute", '\u{f3}'), ("ocirc", '\u{f4}'), ("ograve", '\u{f2}'),
    ("oline", '\u{203e}'), ("ordf", '\u{aa}'), ("ordm", '\u{ba}'), ("oslash", '\u{f8}'), ("otilde", '\u{f5}'),
    ("ouml", '\u{f6}'), ("para", '\u{b6}'), ("percnt", '\u{25}'), ("period", '\u{2e}'), ("plus", '\u{2b}'),
    ("plusmn", '\u{b1}'), ("pm", '\u{b1}'), ("pound", '\u{a3}'), ("prime", '\u{2032}'), ("quest", '\u{3f}'),
    ("quot", '\u{22}'), ("raquo", '\u{bb}'), ("rbrace", '\u{7d}'), ("rbrack", '\u{5d}'), ("rcub", '\u{7d}'),
    ("rdquo", '\u{201d}'), ("reg", '\u{ae}'), ("rlm", '\u{200f}'), ("rpar", '\u{29}'), ("rsaquo", '\u{203a}'),
    ("rsqb", '\u{5d}'), ("rsquo", '\u{2019}'), ("sbquo", '\u{201a}'), ("sect", '\u{a7}'), ("semi", '\u{3b}'),
    ("shy", '\u{ad}'), ("sol", '\u{2f}'), ("strns", '\u{af}'), ("sup1", '\u{b9}'), ("sup2", '\u{b2}'),
    ("sup3", '\u{b3}'), ("szlig", '\u{df}'), ("thinsp", '\u{2009}'), ("thorn", '\u{fe}'),
    ("tilde", '\u{2dc}'), ("times", '\u{d7}'), ("trade", '\u{2122}'), ("uacute", '\u{fa}'),
    ("ucirc", '\u{fb}'), ("ugrave", '\u{f9}'), ("uml", '\u{a8}'), ("uuml", '\u{fc}'), ("verbar", '\u{7c}'),
    ("vert", '\u{7c}'), ("yacute", '\u{fd}'), ("yen", '\u{a5}'), ("yuml", '\u{ff}'), ("zwj", '\u{200d}'),
    ("zwnj", '\u{200c}'),
];

/// The character of that name.
pub(super) fn named(name: &[u8]) -> Option<char> {
    let at = NAMED.binary_search_by(|(known, _)| known.as_bytes().cmp(name)).ok()?;
    Some(NAMED[at].1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_sorted() {
        assert!(super::NAMED.is_sorted_by(|one, next| one.0 < next.0));
        assert!(super::OLDEST.iter().all(|name| super::named(name.as_bytes()).is_some()));
    }
}
