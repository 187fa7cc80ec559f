-- What was promised to citizens. Times are milliseconds since 1970 UTC.

-- When the caller's number, the Call-ID and the story were erased.
ALTER TABLE records ADD COLUMN erased BIGINT;
CREATE INDEX records_not_erased ON records (started) WHERE erased IS NULL;

-- Callbacks.
CREATE TABLE tickets (
    id       BIGINT PRIMARY KEY,
    -- An older version never replaces a newer one.
    version  BIGINT NOT NULL,
    state    TEXT NOT NULL,
    -- The citizen's number in the clear, and nowhere else, so that it can be erased.
    number   TEXT,
    queue    TEXT NOT NULL,
    -- By which way it was asked for.
    source   TEXT NOT NULL,
    -- The hash of the code by which a request of the web site is seen and cancelled.
    code     TEXT,
    asked    BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- NULL while something can still happen.
    ended    BIGINT,
    -- Everything else of the ticket as JSON, its attempts and their dialogs too.
    ticket   TEXT NOT NULL
);

CREATE INDEX tickets_by_due ON tickets (due, id) WHERE ended IS NULL;
CREATE INDEX tickets_by_number ON tickets (number, asked) WHERE number IS NOT NULL;
CREATE INDEX tickets_by_source ON tickets (source, asked);
CREATE INDEX tickets_by_asking ON tickets (asked);
CREATE INDEX tickets_by_end ON tickets (ended) WHERE ended IS NOT NULL;
CREATE INDEX tickets_by_code ON tickets (code) WHERE code IS NOT NULL;

-- Voice messages.
CREATE TABLE messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    service    TEXT NOT NULL,
    flow       TEXT NOT NULL,
    queue      TEXT,
    -- The citizen's number in the clear, and nowhere else.
    number     TEXT,
    started    BIGINT NOT NULL,
    length_ms  BIGINT NOT NULL,
    -- The sound, from the data folder on. One message for one file.
    file       TEXT NOT NULL UNIQUE,
    -- new, heard, settled
    state      TEXT NOT NULL,
    changed    BIGINT NOT NULL,
    changed_by TEXT,
    reason     TEXT,
    ticket     BIGINT,
    -- The notice by e-mail: none, waiting, sent, failed.
    mail       TEXT NOT NULL,
    mail_tries BIGINT NOT NULL,
    mail_due   BIGINT
);

CREATE INDEX messages_by_time ON messages (started);
CREATE INDEX messages_by_number ON messages (number) WHERE number IS NOT NULL;
CREATE INDEX messages_to_mail ON messages (mail_due) WHERE mail = 'waiting';

-- Numbers that never go back, whatever is deleted; and the write that shows that writing works.
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
