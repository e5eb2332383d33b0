//! Small parts that know nothing of builds: one component per file.

pub mod choices;
pub mod dialog;
pub mod divider;
pub mod icon;
pub mod live;
pub mod menu;
pub mod phrase;
pub mod tabs;
pub mod toasts;

pub use choices::Choices;
pub use dialog::Dialog;
pub use divider::Divider;
pub use icon::{Icon, IconButton};
pub use menu::{Menu, MenuItem};
pub use phrase::PhraseView;
pub use tabs::Tabs;
