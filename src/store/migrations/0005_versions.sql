-- The flows, cards and queues that ran, or were kept: the newest twenty.
CREATE TABLE versions (
    number  BIGINT PRIMARY KEY,
    -- Milliseconds since 1970 UTC.
    kept    BIGINT NOT NULL,
    -- start, watch, sighup, api, rollback, or kept: it was on the disk and never ran.
    how     TEXT NOT NULL,
    -- Who, as they call themselves; nobody's number.
    who     TEXT,
    -- The version that a rollback has put back.
    restores BIGINT,
    -- 1 while a rollback has not written all of its files yet.
    unwritten BIGINT NOT NULL,
    -- The folder that the files lie in.
    root    TEXT NOT NULL,
    -- What is different in the files, against the version before, as JSON.
    changes TEXT NOT NULL,
    -- Every file with its text, as JSON.
    texts   TEXT NOT NULL
);
