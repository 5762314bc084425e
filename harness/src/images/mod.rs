//! The images that simulated tasks are made of, built from an assets folder and cached by their content.

mod assets;
mod catalogue;
mod error;
mod tree;

pub use assets::Assets;
pub use catalogue::{ImageNames, Images, Role};
pub use error::ImagesError;
