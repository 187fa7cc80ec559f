use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

/// Gives back the room of a table that a wave has filled, once it is nearly empty again;
/// said after each removal. In the mean it costs nothing.
pub fn give_back<K: Eq + Hash, V, S: BuildHasher>(table: &mut HashMap<K, V, S>) {
    if table.capacity() > KEPT && table.len() < table.capacity() / 8 {
        table.shrink_to(table.len() * 2);
    }
}

/// Places that a table always keeps: a quiet hour's calls shall not make it grow and shrink.
const KEPT: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_a_wave_has_filled_is_small_again_after_it() {
        let mut table: HashMap<u32, u64> = (0..100_000).map(|key| (key, 1)).collect();
        let full = table.capacity();
        let mut changes = 0;
        for key in 0..100_000 {
            let before = table.capacity();
            table.remove(&key);
            give_back(&mut table);
            changes += u32::from(table.capacity() != before);
            assert!(table.capacity() >= table.len());
        }
        assert!(full > 100_000 && table.capacity() <= 4 * KEPT, "{full} → {}", table.capacity());
        assert!(changes < 8, "moved {changes} times");
    }
}
