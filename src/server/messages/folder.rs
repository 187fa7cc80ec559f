use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hound::{SampleFormat, WavSpec, WavWriter};

use crate::base::limits;
use crate::engine::NoMessage;
use crate::media::{Clip, RATE};

/// The folder of sound files, `messages` in the data folder, and how full it may be.
///
/// A message is a `.part` while it is spoken; whole and synced, it is renamed. Files are
/// named from the data folder on.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    data: Arc<Path>,
    /// Bytes that are kept free for what is being spoken.
    taken: Arc<AtomicU64>,
    space: u64,
}

/// Bytes that are kept free for a message, until it is dropped.
#[derive(Debug)]
pub(super) struct Room {
    taken: Arc<AtomicU64>,
    bytes: u64,
}

/// A message that is being written.
pub(super) struct Sheet {
    wav: WavWriter<BufWriter<File>>,
    part: PathBuf,
    whole: PathBuf,
    samples: u64,
}

/// Bytes of one second: 8 000 samples of 16 bits.
const BYTES_PER_SECOND: u64 = RATE as u64 * 2;
/// Bytes before the first sample of what we write.
const HEADER: usize = 44;
const SPEC: WavSpec = WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };

impl Folder {
    /// Opens the folder; only the service's own user reads in it.
    pub(super) fn open(data: &Path, space: u64) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(data.join(NAME))?;
        Ok(Self { data: data.into(), taken: Arc::default(), space })
    }

    /// Keeps room free for a message of this length. Blocks on the disk.
    pub(super) fn room(&self, length: Duration) -> Result<Room, NoMessage> {
        let bytes = (length.as_secs() + 1) * BYTES_PER_SECOND;
        let trouble = |error: io::Error| {
            tracing::error!(%error, data = %self.data.display(), "how full the messages' folder is can't be known");
            NoMessage::Trouble
        };
        let disk = rustix::fs::statvfs(self.data.join(NAME)).map_err(|error| trouble(error.into()))?;
        let taken = self.taken.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let room = Room { taken: Arc::clone(&self.taken), bytes };
        if disk.f_bavail.saturating_mul(disk.f_frsize) < taken + limits::DISK_RESERVE {
            tracing::error!(data = %self.data.display(), "the disk is full: no message is taken");
            return Err(NoMessage::Full);
        }
        // Counted anew each time: others erase files too.
        if self.used().map_err(trouble)? + taken > self.space {
            tracing::error!(space = self.space, "the messages have all their space: erase some, or allow more");
            return Err(NoMessage::Full);
        }
        Ok(room)
    }

    fn used(&self) -> io::Result<u64> {
        let mut used = 0;
        for entry in fs::read_dir(self.data.join(NAME))? {
            match entry?.metadata() {
                Ok(meta) => used += meta.len(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(used)
    }

    /// Begins a file. Blocks on the disk.
    pub(super) fn begin(&self, file: &str) -> io::Result<Sheet> {
        let (part, whole) = (self.path(file).with_extension(PART), self.path(file));
        let wav = create(&part)?;
        Ok(Sheet { wav, part, whole, samples: 0 })
    }

    /// A file's bytes.
    pub(super) async fn read(&self, file: String) -> io::Result<Vec<u8>> {
        tokio::fs::read(self.path(&file)).await
    }

    /// A file as a clip.
    pub(super) async fn clip(&self, file: String) -> io::Result<Clip> {
        let path = self.path(&file);
        let read = move || {
            let bytes = BufReader::new(File::open(path)?);
            Clip::from_wav(file, bytes).map_err(io::Error::other)
        };
        tokio::task::spawn_blocking(read).await?
    }

    /// Erases a file; one that is not there is erased already.
    pub(super) async fn erase(&self, file: String) -> io::Result<()> {
        match tokio::fs::remove_file(self.path(&file)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.data.join(file)
    }

    /// Every file.
    pub(super) fn files(&self) -> io::Result<Vec<String>> {
        let named = |entry: io::Result<fs::DirEntry>| Ok(format!("{NAME}/{}", entry?.file_name().to_string_lossy()));
        fs::read_dir(self.data.join(NAME))?.map(named).collect()
    }

    /// Makes a whole file of what was written before the service ended, whatever its
    /// header says; how long it is. Nothing when there is no sound. Blocks on the disk.
    pub(super) fn repair(&self, file: &str) -> io::Result<Option<Duration>> {
        let (part, whole) = (self.path(file).with_extension(PART), self.path(file));
        let mut bytes = Vec::new();
        match File::open(&part) {
            Ok(mut written) => written.read_to_end(&mut bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return length(&whole),
            Err(error) => return Err(error),
        };
        let sound = bytes.get(HEADER..).unwrap_or_default();
        let samples: Vec<i16> = sound.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        let mended = self.path(file).with_extension(MENDED);
        let mut sheet = Sheet { wav: create(&mended)?, part: mended, whole, samples: 0 };
        sheet.write(&samples)?;
        let length = sheet.finish()?;
        fs::remove_file(part)?;
        Ok((!length.is_zero()).then_some(length))
    }
}

/// The folder's name in the data folder.
pub(super) const NAME: &str = "messages";
/// What a file is called while it is being spoken, and while it is mended.
pub(super) const PART: &str = "part";
pub(super) const MENDED: &str = "mended";

impl Drop for Room {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Sheet {
    /// Adds samples. They are in the file when this returns, under a header that knows
    /// them: the end of the program takes nothing away.
    pub(super) fn write(&mut self, samples: &[i16]) -> io::Result<()> {
        for &sample in samples {
            self.wav.write_sample(sample).map_err(io_error)?;
        }
        self.samples += samples.len() as u64;
        self.wav.flush().map_err(io_error)
    }

    /// Completes the file: its length. It is on the disk when this returns, under its name.
    pub(super) fn finish(self) -> io::Result<Duration> {
        self.wav.finalize().map_err(io_error)?;
        File::open(&self.part)?.sync_all()?;
        fs::rename(&self.part, &self.whole)?;
        if let Some(folder) = self.whole.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(Duration::from_millis(self.samples * 1_000 / u64::from(RATE)))
    }

    /// Takes it away again; what can't be is taken away at the next start.
    pub(super) fn discard(self) {
        let Self { wav, part, .. } = self;
        drop(wav);
        if let Err(error) = fs::remove_file(&part) {
            tracing::warn!(%error, file = %part.display(), "an empty message can't be taken away");
        }
    }
}

fn create(path: &Path) -> io::Result<WavWriter<BufWriter<File>>> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    WavWriter::new(BufWriter::new(file), SPEC).map_err(io_error)
}

/// How long a whole file is; nothing when there is none.
fn length(whole: &Path) -> io::Result<Option<Duration>> {
    match fs::metadata(whole) {
        Ok(meta) => {
            let sound = meta.len().saturating_sub(HEADER as u64);
            Ok(Some(Duration::from_millis(sound * 1_000 / BYTES_PER_SECOND)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn io_error(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        error => io::Error::other(error),
    }
}
