//! Durations counted in equal buckets, for percentiles.

use serde_json::{Value, json};

use crate::clock::Nanos;

/// How often which duration was seen.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    unit: Nanos,
    buckets: Vec<u64>,
    count: u64,
    sum: f64,
    max: Nanos,
}

impl Histogram {
    /// Buckets of `unit` nanoseconds, up to `span`; what is longer counts in the last one.
    pub(crate) fn new(unit: Nanos, span: Nanos) -> Self {
        let size = usize::try_from(span / unit).unwrap_or(1) + 1;
        Self { unit, buckets: vec![0; size], count: 0, sum: 0.0, max: 0 }
    }

    /// Counts one.
    pub(crate) fn add(&mut self, value: Nanos) {
        let last = self.buckets.len() - 1;
        let at = usize::try_from(value.max(0) / self.unit).unwrap_or(last).min(last);
        self.buckets[at] += 1;
        self.count += 1;
        self.sum += value as f64;
        self.max = self.max.max(value);
    }

    /// The value that this share of all does not exceed, rounded up to the end of its bucket.
    pub(crate) fn percentile(&self, share: f64) -> Nanos {
        let wanted = (share * self.count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (at, n) in self.buckets.iter().enumerate() {
            seen += n;
            if seen >= wanted {
                return (at as Nanos * self.unit + self.unit).min(self.max);
            }
        }
        self.max
    }

    /// Count, mean, percentiles and the longest, in milliseconds.
    pub(crate) fn to_json(&self) -> Value {
        let ms = |nanos: Nanos| (nanos as f64 / 1e3).round() / 1e3;
        if self.count == 0 {
            return json!({ "count": 0 });
        }
        json!({
            "count": self.count,
            "mean_ms": ms((self.sum / self.count as f64) as Nanos),
            "p50_ms": ms(self.percentile(0.5)),
            "p99_ms": ms(self.percentile(0.99)),
            "p999_ms": ms(self.percentile(0.999)),
            "max_ms": ms(self.max),
        })
    }
}
