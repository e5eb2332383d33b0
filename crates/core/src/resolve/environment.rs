//! Environments.

use smol_str::SmolStr;
use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

/// Variables in the order in which they were last set, as in LLB (`llb.EnvList`). Cheap to clone.
#[derive(Clone)]
pub struct Env {
    vars: Arc<Vars>,
}

impl Default for Env {
    fn default() -> Self {
        // One for all, since many are made that nothing is ever set in.
        static EMPTY: LazyLock<Arc<Vars>> = LazyLock::new(Arc::default);
        Self { vars: Arc::clone(&EMPTY) }
    }
}

/// Up to this many variables are looked for one by one.
const FEW: usize = 24;

#[derive(Clone, Default)]
struct Vars {
    /// In order; `None` where one was that has moved or is gone.
    list: Vec<Option<(SmolStr, SmolStr)>>,
    /// How many there are.
    count: usize,
    /// Where the names stand in the list; empty while there are few.
    places: HashMap<SmolStr, usize>,
}

impl Vars {
    fn place(&self, key: &str) -> Option<usize> {
        if !self.places.is_empty() {
            return self.places.get(key).copied();
        }
        self.list.iter().position(|var| var.as_ref().is_some_and(|(name, _)| name.as_str() == key))
    }

    fn set(&mut self, key: SmolStr, value: SmolStr) {
        self.remove(&key);
        if !self.places.is_empty() {
            self.places.insert(key.clone(), self.list.len());
        }
        self.list.push(Some((key, value)));
        self.count += 1;
        if self.list.len() > FEW && self.places.is_empty() || self.list.len() > self.count * 2 {
            self.tidy();
        }
    }

    fn remove(&mut self, key: &str) {
        let Some(at) = self.place(key) else { return };
        self.count -= 1;
        self.places.remove(key);
        if at + 1 == self.list.len() {
            self.list.pop();
        } else if let Some(slot) = self.list.get_mut(at) {
            *slot = None;
        }
    }

    /// Closes the gaps, and notes anew where everything stands.
    fn tidy(&mut self) {
        self.list.retain(Option::is_some);
        self.places.clear();
        if self.list.len() > FEW {
            let names = self.list.iter().flatten().map(|(name, _)| name.clone());
            self.places.extend(names.zip(0..));
        }
    }
}

impl Env {
    /// The value of a variable.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.shared(key).map(SmolStr::as_str)
    }

    /// The value of a variable, shared.
    pub fn shared(&self, key: &str) -> Option<&SmolStr> {
        self.vars.list.get(self.vars.place(key)?)?.as_ref().map(|(_, value)| value)
    }

    /// Sets a variable; it moves to the end.
    pub fn set(&mut self, key: SmolStr, value: SmolStr) {
        Arc::make_mut(&mut self.vars).set(key, value);
    }

    /// Removes a variable.
    pub fn remove(&mut self, key: &str) {
        if self.get(key).is_some() {
            Arc::make_mut(&mut self.vars).remove(key);
        }
    }

    /// How many variables are set.
    pub fn len(&self) -> usize {
        self.vars.count
    }

    /// None is set.
    pub fn is_empty(&self) -> bool {
        self.vars.count == 0
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + '_ {
        self.vars.list.iter().flatten().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Names in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> + '_ {
        self.iter().map(|(name, _)| name)
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").field("vars", &self.iter().collect::<Vec<_>>()).finish()
    }
}

impl PartialEq for Env {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.vars, &other.vars) || self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Env {}

impl Hash for Env {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        self.iter().for_each(|var| var.hash(state));
    }
}

impl<K: Into<SmolStr>, V: Into<SmolStr>> FromIterator<(K, V)> for Env {
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

    #[test]
    fn many_are_found_as_few_are() {
        let name = |i: u32| format!("V{}", i % 100);
        let mut env = Env::default();
        let mut expected: Vec<(String, String)> = Vec::new();
        for i in 0..1_000_u32 {
            let i = i.wrapping_mul(2_654_435_761) >> 7;
            expected.retain(|(key, _)| *key != name(i));
            if i % 7 == 0 {
                env.remove(&name(i));
            } else {
                env.set(name(i).into(), i.to_string().into());
                expected.push((name(i), i.to_string()));
            }
            assert_eq!(env.len(), expected.len());
        }
        assert!(env.iter().eq(expected.iter().map(|(key, value)| (key.as_str(), value.as_str()))));
        assert!(expected.iter().all(|(key, value)| env.get(key) == Some(value)));
        assert_eq!(env, expected.into_iter().collect());
    }
}
