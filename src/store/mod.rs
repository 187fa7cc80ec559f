//! What must last: records, tickets, messages and statistics, in SQLite.
