-- 1 when the citizen is to be called back for a voice message. Its states are
-- recording, kept (both while its caller is not done with it), new, heard, settled.
ALTER TABLE messages ADD COLUMN callback BIGINT NOT NULL DEFAULT 0;

CREATE INDEX messages_unfinished ON messages (state, started) WHERE state IN ('recording', 'kept');
