//! Health, readiness and metrics over HTTP; the console and the public pages come here.
