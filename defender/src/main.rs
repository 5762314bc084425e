//! The reference Defender: one static binary with the wrapper, the sidecar and the health check.

fn main() {
    let argv: Vec<_> = std::env::args_os().skip(3).collect();
    match proofhouse_defender::wrapper::run(argv) {
        Ok(code) => std::process::exit(code),
        Err(error) => {
            eprintln!("defender: {error}");
            std::process::exit(error.code())
        }
    }
}
