//! RTP packets, sequence, telephone events and RTCP, without a socket.
