//! Environments.

use std::sync::Arc;

/// Variables in the order in which they were last set, as in LLB (`llb.EnvList`). Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Env {
    vars: Arc<Vec<(Arc<str>, Arc<str>)>>,
}

impl Env {
    /// The value of a variable.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.shared(key).map(AsRef::as_ref)
    }

    /// The value of a variable, shared.
    pub fn shared(&self, key: &str) -> Option<&Arc<str>> {
        self.vars.iter().find(|(name, _)| **name == *key).map(|(_, value)| value)
    }

    /// Sets a variable; it moves to the end.
    pub fn set(&mut self, key: Arc<str>, value: Arc<str>) {
        let vars = Arc::make_mut(&mut self.vars);
        if let Some(at) = vars.iter().position(|(name, _)| *name == key) {
            vars.remove(at);
        }
        vars.push((key, value));
    }

    /// Removes a variable.
    pub fn remove(&mut self, key: &str) {
        if self.get(key).is_some() {
            Arc::make_mut(&mut self.vars).retain(|(name, _)| **name != *key);
        }
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + '_ {
        self.vars.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Names in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> + '_ {
        self.vars.iter().map(|(name, _)| &**name)
    }
}

impl<K: Into<Arc<str>>, V: Into<Arc<str>>> FromIterator<(K, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut env = Self::default();
        for (key, value) in pairs {
            env.set(key.into(), value.into());
        }
        env
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_again_moves_to_the_end() {
        let mut env: Env = [("A", "1"), ("B", "2")].into_iter().collect();
        env.set("A".into(), "3".into());
        assert_eq!(env.iter().collect::<Vec<_>>(), [("B", "2"), ("A", "3")]);
        env.remove("B");
        assert_eq!(env.keys().collect::<Vec<_>>(), ["A"]);
    }
}
