//! Which programs are shells.

/// Whether a program, by its name or path, is a shell that takes a line as the word behind `-c`.
#[must_use]
pub fn is_shell(program: &str) -> bool {
    const SHELLS: [&str; 5] = ["sh", "bash", "ash", "dash", "zsh"];
    SHELLS.contains(&program.rsplit('/').next().unwrap_or(program))
}
