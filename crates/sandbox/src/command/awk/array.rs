//! Associative arrays.

use super::value::Value;
use std::collections::BTreeMap;

/// An associative array, its elements in the order in which they came.
#[derive(Default)]
pub(super) struct Array {
    pub(super) items: Vec<(String, Value)>,
    pub(super) index: BTreeMap<String, usize>,
}

impl Array {
    /// The value of a key, made if it is missing.
    pub(super) fn get(&mut self, key: &str) -> Value {
        match self.index.get(key) {
            Some(at) => self.items.get(*at).map(|(_, value)| value.clone()).unwrap_or_default(),
            None => {
                self.set(key, Value::Unset);
                Value::Unset
            }
        }
    }

    pub(super) fn set(&mut self, key: &str, value: Value) {
        if let Some((_, old)) = self.index.get(key).and_then(|at| self.items.get_mut(*at)) {
            *old = value;
            return;
        }
        self.index.insert(key.to_owned(), self.items.len());
        self.items.push((key.to_owned(), value));
    }

    pub(super) fn remove(&mut self, key: &str) {
        if let Some(at) = self.index.remove(key) {
            self.items.remove(at);
            for place in self.index.values_mut().filter(|place| **place > at) {
                *place -= 1;
            }
        }
    }

    /// The keys as BusyBox walks its table.
    pub(super) fn keys_by_hash(&self) -> Vec<String> {
        let hash = |text: &str| {
            text.bytes().fold(0u32, |sum, byte| {
                // The letters are signed there.
                (i32::from(byte.cast_signed()).cast_unsigned()).wrapping_add(sum << 6).wrapping_sub(sum)
            })
        };
        let mut sizes = [251usize, 1021, 4093, 16381, 65521].into_iter();
        let mut size = 61;
        let mut table: Vec<Vec<&str>> = vec![Vec::new(); size];
        for (count, (key, _)) in self.items.iter().enumerate() {
            if count + 1 > size * 8
                && let Some(next) = sizes.next()
            {
                let mut bigger: Vec<Vec<&str>> = vec![Vec::new(); next];
                for key in table.iter().flat_map(|row| row.iter().rev()) {
                    if let Some(row) = bigger.get_mut(hash(key) as usize % next) {
                        row.push(key);
                    }
                }
                (size, table) = (next, bigger);
            }
            if let Some(row) = table.get_mut(hash(key) as usize % size) {
                row.push(key);
            }
        }
        table.iter().flat_map(|row| row.iter().rev()).map(|key| (*key).to_owned()).collect()
    }
}
