//! Image references as 20.10 words their errors.

use stagecraft_dockerfile::reference::Reference;

/// Why a reference is refused; nothing if it is well formed.
pub(super) fn check(text: &str) -> Result<(), String> {
    match Reference::parse_normalized(text) {
        Ok(_) => Ok(()),
        // Later versions name the repository.
        Err(error) if error.ends_with("must be lowercase") => {
            Err("invalid reference format: repository name must be lowercase".to_owned())
        }
        Err(error) => Err(error),
    }
}

/// A tag's familiar form, as `Successfully tagged` prints it.
pub(super) fn familiar(tag: &str) -> String {
    Reference::parse_normalized(tag).map_or_else(|_| tag.to_owned(), |tag| tag.tag_name_only().familiar())
}

#[cfg(test)]
mod tests {
    #[test]
    fn errors_have_the_engines_words() {
        let error = super::check("Alpine").unwrap_err();
        assert_eq!(error, "invalid reference format: repository name must be lowercase");
        assert_eq!(super::check("a..b").unwrap_err(), "invalid reference format");
        assert_eq!(super::familiar("docker.io/library/x"), "x:latest");
    }
}
