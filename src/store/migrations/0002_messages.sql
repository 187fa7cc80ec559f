-- Voice messages. Times are milliseconds since 1970 UTC.
CREATE TABLE messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    service    TEXT NOT NULL,
    flow       TEXT NOT NULL,
    -- The citizen's number in the clear, and nowhere else.
    number     TEXT,
    started    BIGINT NOT NULL,
    length_ms  BIGINT NOT NULL,
    -- The sound, in the folder of messages. One message for one file.
    file       TEXT NOT NULL UNIQUE,
    -- recording, kept, new, heard, settled
    state      TEXT NOT NULL,
    changed    BIGINT NOT NULL,
    changed_by TEXT,
    -- 1 when the citizen is called back for it
    callback   BIGINT NOT NULL,
    -- The notice by mail: none, waiting, sent, failed.
    mail       TEXT NOT NULL,
    mail_tries BIGINT NOT NULL,
    mail_due   BIGINT
);

CREATE INDEX messages_by_time ON messages (started);
CREATE INDEX messages_by_number ON messages (number, started);
CREATE INDEX messages_unfinished ON messages (id) WHERE state IN ('recording', 'kept');
CREATE INDEX messages_to_mail ON messages (mail_due) WHERE mail = 'waiting';
