//! `cargo xtask help`.

use crate::CHORES;
use crate::failure::Failure;

/// What the chore does, for the help text.
pub(crate) const ABOUT: &str = "print this text";

/// Prints what chores there are.
// The signature is that of every chore.
#[allow(clippy::unnecessary_wraps)]
pub(crate) fn run(_args: &[String]) -> Result<(), Failure> {
    println!("cargo xtask CHORE\n");
    for chore in CHORES {
        println!("  {:<8} {}", chore.name, chore.about);
    }
    println!("\nTools are installed into .tools/ of the checkout, or into $STAGECRAFT_TOOLS.");
    println!("A browser is any Chrome or Chromium on the PATH, or $CHROMIUM.");
    Ok(())
}
