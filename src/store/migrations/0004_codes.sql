-- Codes of the web site beside the one that a ticket has: who asks again for a number that
-- has a ticket gets one of these, which shows the ticket as if it were theirs and cancels
-- nothing. Without them an answer would tell whether a number has a ticket.
CREATE TABLE codes (
    -- The hash.
    code      TEXT PRIMARY KEY,
    ticket    BIGINT NOT NULL,
    -- What was asked for with it, as JSON; nobody's number.
    asked     TEXT NOT NULL,
    -- When its request was withdrawn.
    withdrawn BIGINT
);

CREATE INDEX codes_by_ticket ON codes (ticket);
