use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

/// Gives back the room of a table that a wave has filled, while it empties again; said
/// after each removal. It costs something only where the table has been four times as full.
pub fn give_back<K: Eq + Hash, V, S: BuildHasher>(table: &mut HashMap<K, V, S>) {
    // Not by `capacity()`: places that were removed may not count in it, and take room still.
    if table.len().is_power_of_two() && table.len() >= KEPT {
        table.shrink_to(table.len() * 4);
    }
}

/// Below this, a table keeps its room: a quiet hour's calls shall not make it grow and shrink.
const KEPT: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_a_wave_has_filled_is_small_again_after_it() {
        let mut table: HashMap<u32, u64> = (0..100_000).map(|key| (key, 1)).collect();
        let emptied = allocation_counter::measure(|| {
            for key in 0..100_000 {
                table.remove(&key);
                give_back(&mut table);
            }
        });
        assert!(emptied.bytes_current < -2_000_000, "{emptied:?}: 131 072 places of 17 bytes were there");
        assert!(emptied.count_total < 8, "{emptied:?}");
    }

    #[test]
    fn a_table_that_stays_as_full_is_left_alone() {
        let mut table: HashMap<u32, u64> = (0..1_024).map(|key| (key, 1)).collect();
        let steady = allocation_counter::measure(|| {
            for key in 1_024..50_000 {
                table.insert(key, 1);
                table.remove(&(key - 1_024));
                give_back(&mut table);
            }
        });
        assert!(steady.count_total < 4, "{steady:?}");
    }
}
