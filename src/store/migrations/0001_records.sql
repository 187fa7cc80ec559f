-- One row per call (CDR). Times are milliseconds since 1970 UTC.
CREATE TABLE records (
    id             INTEGER PRIMARY KEY,
    call           BIGINT NOT NULL,
    sip_call_id    TEXT NOT NULL,
    service        TEXT NOT NULL,
    flow           TEXT NOT NULL,
    dialled        TEXT NOT NULL,
    -- The caller's number in the clear, and nowhere else, so that it can be erased.
    caller         TEXT,
    started        BIGINT NOT NULL,
    answered       BIGINT,
    ended          BIGINT NOT NULL,
    asked_agent    BIGINT,
    asked_in_hours BIGINT NOT NULL,
    queue          TEXT,
    rank           BIGINT,
    agent          TEXT,
    connected      BIGINT,
    wait_ms        BIGINT,
    talk_ms        BIGINT,
    ended_by       TEXT NOT NULL,
    ended_why      TEXT NOT NULL,
    -- The whole record as JSON, without the caller's number.
    record         TEXT NOT NULL
);

CREATE INDEX records_by_time ON records (started);
CREATE INDEX records_by_caller ON records (caller) WHERE caller IS NOT NULL;
-- The taux de décroché of a service and a time.
CREATE INDEX records_by_asking ON records (service, asked_agent) WHERE asked_agent IS NOT NULL;
