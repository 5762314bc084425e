//! The Gherkin runner: World, steps, parser, writer.
