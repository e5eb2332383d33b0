use super::{Malformed, counting, split};
