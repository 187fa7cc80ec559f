//! What the softphone does with what it hears.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};

use crate::media::Recorder;
use crate::server::media::Heard;

/// Writes what is heard to a file, or lets it pass.
pub(crate) struct Ear(Option<Recorder<BufWriter<File>>>);

impl Ear {
    /// An ear that writes to this file, if there is one.
    pub(crate) fn new(record: Option<&Path>) -> Result<Self> {
        let Some(path) = record else { return Ok(Self(None)) };
        let file = File::create(path).with_context(|| format!("`{}` can't be written", path.display()))?;
        Ok(Self(Some(Recorder::new(BufWriter::new(file))?)))
    }

    pub(crate) fn hear(&mut self, heard: &Heard) -> Result<()> {
        if let Some(recorder) = &mut self.0 {
            recorder.push(heard.header.sequence, heard.header.timestamp, heard.content())?;
        }
        Ok(())
    }

    /// Completes the file.
    pub(crate) fn finish(self) -> Result<()> {
        match self.0 {
            Some(recorder) => Ok(recorder.finish()?),
            None => Ok(()),
        }
    }
}
