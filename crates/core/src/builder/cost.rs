//! How long things take, where nobody measured: one place for all figures. Simulated time, not a promise.

/// Milliseconds of the fixed parts of a build.
pub const DEFINITION: u64 = 20;
/// Asking the registry for an image's config.
pub const METADATA: u64 = 400;
/// Reading an ignore file.
pub const IGNORE_FILE: u64 = 10;
/// Starting a container.
pub const CONTAINER: u64 = 120;
/// Committing a container's changes as an image (legacy).
pub const COMMIT: u64 = 80;
/// Writing config and manifest.
pub const EXPORT: u64 = 30;

/// Sending files to the builder.
pub fn transfer(files: u64, bytes: u64) -> u64 {
    10 + files / 20 + bytes / 200_000
}

/// Fetching and unpacking an image that is not there yet.
pub fn pull(bytes: u64) -> u64 {
    50 + bytes / 40_000
}

/// Copying files inside the builder.
pub fn copy(files: u64, bytes: u64) -> u64 {
    15 + files / 50 + bytes / 500_000
}

/// Downloading from an address.
pub fn download(bytes: u64) -> u64 {
    300 + bytes / 10_000
}

/// Packing layers.
pub fn export(bytes: u64) -> u64 {
    EXPORT + bytes / 150_000
}
